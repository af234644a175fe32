import { type JobWishes, jobWishNames } from "../common/job-wishes.ts";

/** Annotations and labels of CA-RM on objects of Kubernetes. */
export const PREFIX = "carm.dev/";

export const annotations = {
  /** Written by the workload or its launcher: samples done since submission. */
  samplesDone: `${PREFIX}samples-done`,
  /** Written by the agent, for people: what is decided about the job, and why. */
  status: `${PREFIX}status`,
  /** Written by the agent: when it first started the job. */
  startedAt: `${PREFIX}started-at`,
  /** Written by the agent before it changes them: how many pods the user asked for. */
  requestedPods: `${PREFIX}requested-parallelism`,
  /** On a pod: the service it belongs to. */
  service: `${PREFIX}service`,
} as const;

const owned: ReadonlySet<string> = new Set([
  annotations.status,
  annotations.startedAt,
  annotations.requestedPods,
]);

/** What the user says about the job; null if he says nothing, so that it is none of ours. */
export function wishesOf(all: Readonly<Record<string, string>> | undefined): JobWishes | null {
  const said = Object.keys(all ?? {}).filter((key) => key.startsWith(PREFIX) && !owned.has(key));
  if (said.length === 0) return null;
  const wishes: JobWishes = {};
  for (const name of jobWishNames) {
    const text = all?.[`${PREFIX}${name}`];
    if (text !== undefined) wishes[name] = text;
  }
  return wishes;
}
