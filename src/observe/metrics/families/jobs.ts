import type { Job } from "../../../records/index.ts";
import type { FleetView } from "../../view/fleet-view.ts";
import type { Family } from "../family.ts";
import { perCluster } from "./per-cluster.ts";

const states: readonly Job["state"][] = ["waiting", "running", "paused", "finished", "failed", "cancelled"];
const live: ReadonlySet<Job["state"]> = new Set(["waiting", "running", "paused"]);

/** What became of the jobs; job names are no labels: there is no end to them. */
export const jobFamilies: readonly Family<FleetView>[] = [
  {
    name: "carm_jobs",
    help: "Jobs that the log still keeps, by state.",
    type: "gauge",
    labels: ["cluster", "state"],
    samples: perCluster(function* ({ jobs }) {
      const counts = new Map(states.map((state) => [state, 0]));
      for (const { state } of jobs.values()) counts.set(state, (counts.get(state) ?? 0) + 1);
      for (const [state, count] of counts) yield [{ state }, count];
    }),
  },
  {
    name: "carm_jobs_deadline_missed",
    help: "Jobs that ended after their deadline or have passed it.",
    type: "gauge",
    labels: ["cluster"],
    samples: perCluster(({ jobs }) => [[{}, countOf(jobs, ({ deadlineMissed }) => deadlineMissed)]]),
  },
  {
    name: "carm_jobs_deadline_at_risk",
    help: "Unfinished jobs whose expected finish lies after their deadline.",
    type: "gauge",
    labels: ["cluster"],
    samples: perCluster(({ jobs }) => [[{}, countOf(jobs, isAtRisk)]]),
  },
  {
    name: "carm_training_workers",
    help: "Workers of training jobs that run now.",
    type: "gauge",
    labels: ["cluster"],
    samples: perCluster(({ jobs }) => {
      let workers = 0;
      for (const job of jobs.values()) if (job.state === "running") workers += job.workers;
      return [[{}, workers]];
    }),
  },
];

function isAtRisk({ state, deadlineAt, expectedFinishAt, deadlineMissed }: Job): boolean {
  if (!live.has(state) || deadlineAt === null || deadlineMissed) return false;
  return expectedFinishAt !== null && expectedFinishAt > deadlineAt;
}

function countOf(jobs: ReadonlyMap<string, Job>, holds: (job: Job) => boolean): number {
  let count = 0;
  for (const job of jobs.values()) if (holds(job)) count += 1;
  return count;
}
