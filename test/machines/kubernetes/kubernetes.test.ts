import { BatchV1Api } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createKubernetesScheduler,
  type KubernetesScheduler,
} from "../../../src/agent/actuators/kubernetes/kubernetes-scheduler.ts";
import { createLeaseLock } from "../../../src/agent/actuators/kubernetes/lease-lock.ts";
import { createManualClock, type ObservedWorkload } from "../../../src/agent/index.ts";
import type { CarmError } from "../../../src/records/index.ts";
import { describeSchedulerActuator } from "../../agent/actuator-conformance.ts";
import { until } from "../until.ts";
import { startCluster, type TestCluster } from "./cluster.ts";
import { createJob } from "./jobs.ts";

let cluster: TestCluster;
let api: BatchV1Api;
let scheduler: KubernetesScheduler;
let names = 0;

const manifests = new URL("../../../deploy/kubernetes/rbac.yaml", import.meta.url).pathname;
const flexible = {
  "carm.dev/model": "resnet50",
  "carm.dev/pausable": "true",
  "carm.dev/min-workers": "1",
  "carm.dev/max-workers": "4",
};

beforeAll(async () => {
  cluster = await startCluster();
  cluster.kubectl("apply", "-f", manifests);
  api = cluster.config("admin").makeApiClient(BatchV1Api);
  // With the rights of the manifests, so that they are tested too.
  scheduler = createKubernetesScheduler({ config: cluster.config("scheduler"), cluster: "lab" });
});

afterAll(async () => {
  await scheduler?.close();
  await cluster?.stop();
});

const newName = (word: string) => `${word}-${names++}`;

async function see(id: string): Promise<ObservedWorkload | undefined> {
  return (await scheduler.observe()).find((workload) => workload.id === id);
}

/** Waits until the watch has shown the Job, then until something holds of it. */
async function untilJob(
  id: string,
  holds: (workload: ObservedWorkload) => boolean,
): Promise<ObservedWorkload> {
  let seen: ObservedWorkload | undefined;
  await until(`${id} is as expected`, async () => {
    seen = await see(id);
    return seen !== undefined && holds(seen);
  }).catch((error) => {
    throw new Error(`${error.message} Last seen: ${JSON.stringify(seen)}`);
  });
  return seen!;
}

async function podsSettled(): Promise<void> {
  await until("pods are as their Jobs ask", async () => {
    const { items } = await api.listJobForAllNamespaces();
    return items.every(({ spec, status }) => {
      const wanted = spec?.suspend === true ? 0 : (spec?.parallelism ?? 0) - (status?.succeeded ?? 0);
      const terminal = status?.conditions?.some(
        (one) => /Complete|Failed/.test(one.type) && one.status === "True",
      );
      return terminal || ((status?.ready ?? 0) === wanted && (status?.terminating ?? 0) === 0);
    });
  });
  await until("the watch has caught up", async () => {
    const { items } = await api.listJobForAllNamespaces();
    const seen = new Map((await scheduler.observe()).map(({ id, phase }) => [id, phase]));
    return items.every(({ metadata, status }) => {
      const phase = seen.get(`${metadata?.namespace}/${metadata?.name}`);
      return phase === undefined || (phase === "running") === (status?.ready ?? 0) > 0;
    });
  });
}

describeSchedulerActuator("Jobs of Kubernetes", async () => {
  cluster.kubectl("delete", "jobs", "--all", "--wait=true");
  const [bendable, stiff] = [newName("flexible"), newName("rigid")];
  await createJob(api, { name: bendable, annotations: flexible });
  await createJob(api, { name: stiff, annotations: { "carm.dev/model": "resnet50" } });
  for (const name of [bendable, stiff]) await untilJob(`default/${name}`, () => true);
  return {
    actuator: scheduler,
    flexible: `default/${bendable}`,
    rigid: `default/${stiff}`,
    settle: podsSettled,
  };
});

describe("Jobs of Kubernetes", () => {
  test("a Job says what its user wants; it ends as finished", async () => {
    const name = newName("job");
    const id = `default/${name}`;
    await createJob(api, {
      name,
      indexed: false,
      annotations: {
        ...flexible,
        "carm.dev/deadline": "36h",
        "carm.dev/deadline-kind": "soft",
        "carm.dev/samples": "1e6",
        "carm.dev/restart-cost": "90s",
        "carm.dev/pool": "shared",
      },
    });
    const { job } = await untilJob(id, () => true);
    const created = (await api.readNamespacedJob({ name, namespace: "default" })).metadata!
      .creationTimestamp!;
    expect(job).toEqual({
      system: "kubernetes",
      ref: id,
      pool: "shared",
      model: "resnet50",
      samples: 1e6,
      deadlineAt: created.getTime() + 36 * 3_600_000,
      deadlineKind: "soft",
      earliestStartAt: null,
      priority: 0,
      requestedWorkers: 2,
      minWorkers: 1,
      maxWorkers: 4,
      pausable: true,
      resizable: true,
      restartCostMs: 90_000,
    });
    await scheduler.run(id, 2);
    await untilJob(id, ({ phase }) => phase === "running");
    cluster.kubectl("annotate", "pods", "-l", `batch.kubernetes.io/job-name=${name}`, "test/end=Succeeded");
    expect((await untilJob(id, ({ phase }) => phase === "finished")).progress?.samplesDone).toBe(1e6);
  });

  test("a Job without annotations of CA-RM, of another cluster, or of another controller is none of ours", async () => {
    const plain = newName("plain");
    await createJob(api, { name: plain });
    const other = newName("other");
    await createJob(api, { name: other, annotations: { ...flexible, "carm.dev/cluster": "elsewhere" } });
    const ours = newName("ours");
    await createJob(api, { name: ours, annotations: { ...flexible, "carm.dev/cluster": "lab" } });
    await untilJob(`default/${ours}`, () => true);
    expect(await see(`default/${plain}`)).toBeUndefined();
    expect(await see(`default/${other}`)).toBeUndefined();
  });

  test("annotations that can't be used are said so on the Job, which is left as it is", async () => {
    const name = newName("wrong");
    await createJob(api, { name, annotations: { ...flexible, "carm.dev/deadline": "tomorrow" } });
    await until("it is said", async () => {
      await scheduler.observe();
      const { metadata } = await api.readNamespacedJob({ name, namespace: "default" });
      return /deadline: "tomorrow" is not a time/.test(metadata?.annotations?.["carm.dev/status"] ?? "");
    });
    expect(await see(`default/${name}`)).toBeUndefined();
  });

  test("a Job in a queue of Kueue is not unsuspended, and not paused", async () => {
    const name = newName("queued");
    const id = `default/${name}`;
    await createJob(api, { name, annotations: flexible, labels: { "kueue.x-k8s.io/queue-name": "gpus" } });
    expect((await untilJob(id, () => true)).job).toMatchObject({ pausable: false, resizable: false });
    expect(await code(scheduler.run(id, 2))).toBe("ERR_ACTUATOR_UNSUPPORTED");
    expect((await api.readNamespacedJob({ name, namespace: "default" })).spec?.suspend).toBe(true);
  });

  test("a Job whose pods have several GPUs keeps its width", async () => {
    const name = newName("wide");
    const id = `default/${name}`;
    await createJob(api, { name, gpusPerPod: 4, annotations: flexible });
    const { job } = await untilJob(id, () => true);
    expect(job).toMatchObject({ requestedWorkers: 8, resizable: false, pausable: true });
    await scheduler.run(id, 8);
    expect((await untilJob(id, ({ phase }) => phase === "running")).progress?.workers).toBe(8);
    await scheduler.pause(id);
  });

  test("a Job that was deleted by hand is gone, and what is asked of it then is refused", async () => {
    const name = newName("deleted");
    const id = `default/${name}`;
    await createJob(api, { name, annotations: flexible });
    await untilJob(id, () => true);
    cluster.kubectl("delete", "job", name);
    expect(await code(scheduler.run(id, 2))).toBe("ERR_ACTUATOR_FAILED");
    await until("it is gone", async () => (await see(id)) === undefined);
  });

  test("a Job made anew under the name of a deleted one is not taken for it", async () => {
    const name = newName("again");
    const id = `default/${name}`;
    await createJob(api, { name, annotations: flexible });
    await untilJob(id, () => true);
    cluster.kubectl("delete", "job", name, "--wait=true");
    await createJob(api, { name, annotations: { "carm.dev/model": "resnet50" } });
    // What is known of it is still the old one.
    await code(scheduler.run(id, 4));
    expect((await api.readNamespacedJob({ name, namespace: "default" })).spec).toMatchObject({
      suspend: true,
      parallelism: 2,
    });
  });

  test("without rights it is said what to apply", async () => {
    const nobody = createKubernetesScheduler({ config: cluster.config("nobody"), cluster: "lab" });
    await expect(nobody.observe()).rejects.toThrow(/deploy\/kubernetes\/rbac.yaml/);
    expect(await code(nobody.observe())).toBe("ERR_ACTUATOR_DENIED");
  });

  test("the agent's rights are not enough to make or delete a Job", async () => {
    const may = (verb: string, what: string) =>
      cluster.kubectl(
        "auth",
        "can-i",
        verb,
        what,
        "--as=system:serviceaccount:carm:carm-scheduler-agent",
        "-A",
      );
    expect(may("patch", "jobs").trim()).toBe("yes");
    for (const verb of ["create", "delete"]) expect(() => may(verb, "jobs")).toThrow();
    expect(() => may("get", "secrets")).toThrow();
  });

  test("the manifests of the agents are what the API server takes", () => {
    const files = new URL("../../../deploy/kubernetes/agents.yaml", import.meta.url).pathname;
    const answer = cluster.kubectl("apply", "--dry-run=server", "--validate=strict", "-f", files);
    for (const what of ["configmap/carm-agents", "deployment.apps/", "daemonset.apps/"])
      expect(answer).toContain(what);
  });

  test("one of two agents holds the lease; the other takes over once it is no longer renewed", async () => {
    const clock = createManualClock(Date.now());
    const shared = {
      config: cluster.config("scheduler"),
      namespace: "carm",
      name: "carm-scheduler-lab",
      clock,
    };
    const first = createLeaseLock({ ...shared, identity: "first" });
    const second = createLeaseLock({ ...shared, identity: "second" });
    const wait = (ms: number) => clock.advanceTo(clock.wallMs() + ms);
    expect([await first.held(), await second.held()]).toEqual([true, false]);
    wait(6_000);
    expect([await first.held(), await second.held()]).toEqual([true, false]);
    // From here on the first is not heard of.
    wait(14_000);
    expect(await second.held()).toBe(false);
    wait(2_000);
    expect([await second.held(), await first.held()]).toEqual([true, false]);
    await second.release();
    expect(await first.held()).toBe(true);
  });

  test("while the API server is gone it is said so; afterwards everything is seen again", async () => {
    const name = newName("outage");
    await createJob(api, { name, annotations: flexible });
    await untilJob(`default/${name}`, () => true);
    await cluster.stopApiServer();
    await until("it is noticed", async () => (await code(scheduler.observe())) === "ERR_ACTUATOR_FAILED");
    await cluster.startApiServer();
    await untilJob(`default/${name}`, ({ phase }) => phase === "waiting");
  });
});

const code = (promise: Promise<unknown>) =>
  promise.then(
    () => "done",
    (error: CarmError) => error.code,
  );
