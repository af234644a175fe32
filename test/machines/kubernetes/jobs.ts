import type { BatchV1Api, V1Job } from "@kubernetes/client-node";

export interface JobWants {
  readonly name: string;
  readonly namespace?: string;
  readonly pods?: number;
  readonly gpusPerPod?: number;
  readonly suspend?: boolean;
  readonly indexed?: boolean;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Makes a Job as a user would. */
export async function createJob(api: BatchV1Api, wants: JobWants): Promise<V1Job> {
  const { name, namespace = "default", pods = 2, gpusPerPod = 1, suspend = true, indexed = true } = wants;
  return await api.createNamespacedJob({
    namespace,
    body: {
      metadata: { name, annotations: { ...wants.annotations }, labels: { ...wants.labels } },
      spec: {
        suspend,
        parallelism: pods,
        ...(indexed ? { completions: pods, completionMode: "Indexed" } : {}),
        template: {
          spec: {
            restartPolicy: "Never",
            containers: [
              {
                name: "train",
                image: "train",
                resources: { limits: { "nvidia.com/gpu": String(gpusPerPod) } },
              },
            ],
          },
        },
      },
    },
  });
}
