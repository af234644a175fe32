import { type ActuationResult, assert, type Decision } from "../records/index.ts";
import type { ObservedWorkload, SchedulerActuator } from "./actuators/actuator.ts";
import type { AgentLimits } from "./agent-limits.ts";
import { BackOff } from "./back-off.ts";
import type { Clock } from "./clock.ts";
import type { DecisionView, Setpoint, Standing } from "./decision-view.ts";
import type { JobHands } from "./job-hands.ts";
import { type JobTracker, runningWorkers } from "./job-tracker.ts";
import { isGranted, type JobWish, jobWish } from "./job-wish.ts";
import { asCarmError, type NextPass } from "./reconcile-result.ts";
import type { Reporter } from "./reporter.ts";

export interface JobSteeringOptions {
  readonly actuator: SchedulerActuator;
  readonly view: DecisionView;
  readonly tracker: JobTracker;
  readonly hands: JobHands;
  readonly reporter: Reporter;
  readonly clock: Clock;
  readonly limits: AgentLimits;
}

export interface SteeringPass {
  /** True if the agent gives up what it set: held and paused jobs run as their users asked. */
  readonly halted: boolean;
  readonly nowMs: number;
  readonly next: NextPass;
}

/** What was tried for one decision. A newer decision starts afresh. */
interface Attempt {
  readonly backOff: BackOff;
  /** True from asking until the change is seen. */
  asked: boolean;
}

/** A job, what is decided about it, and what follows from that now. */
export interface Case {
  readonly workload: ObservedWorkload;
  readonly setpoint: Setpoint;
  readonly standing: Standing;
  readonly wish: JobWish;
}

/** Closes the difference between what was decided about jobs and what the scheduler shows. */
export class JobSteering {
  readonly #options: JobSteeringOptions;
  readonly #attempts = new WeakMap<Setpoint, Attempt>();

  constructor(options: JobSteeringOptions) {
    this.#options = options;
  }

  /** The changes that are due, what frees GPUs first. Reports what needs no change on the way. */
  judge(workloads: readonly ObservedWorkload[], pass: SteeringPass): readonly Case[] {
    const { view, hands } = this.#options;
    const due: Case[] = [];
    const live = new Set<string>();
    for (const workload of workloads) {
      const found = this.#case(workload, pass);
      if (found === null) continue;
      live.add(workload.id);
      pass.next.due(view.revertsAtMs(found.setpoint));
      if (found.standing === "released" && found.wish.kind === "leave") hands.release(workload);
      const granted = isGranted(workload, found.wish);
      if (hands.isForeign(workload, isAsDecided(found))) this.#yield(found);
      else if (found.wish.kind === "refuse") this.#refuse(found, found.wish.detail);
      else if (granted) this.#granted(found, pass);
      else if (this.#attempt(found).backOff.allows(pass.nowMs)) due.push(found);
      else pass.next.due(this.#attempt(found).backOff.retryAtMs);
    }
    hands.keepOnly(live);
    for (const { workload, wish } of due) hands.intend(workload, wish.kind === "run" ? wish.workers : 0);
    return inOrder(due);
  }

  /** Asks for changes. */
  async make(due: readonly Case[], pass: SteeringPass): Promise<void> {
    for (const found of due) await this.#make(found, pass);
  }

  /** Looks at what came of the changes. */
  readBack(workloads: readonly ObservedWorkload[], pass: SteeringPass): void {
    for (const workload of workloads) {
      const found = this.#case(workload, pass);
      if (found === null || !this.#attempts.get(found.setpoint)?.asked) continue;
      if (isGranted(workload, found.wish)) this.#granted(found, pass);
    }
  }

  reportStale(stale: readonly Decision[], workloads: readonly ObservedWorkload[]): void {
    for (const decision of stale) {
      const { kind, id } = decision.target;
      const workload = kind === "job" ? workloads.find((candidate) => candidate.id === id) : undefined;
      if (workload !== undefined) this.#report(decision, "stale", workload, "");
    }
  }

  #case(workload: ObservedWorkload, { halted, nowMs }: SteeringPass): Case | null {
    const { id, job, phase } = workload;
    if (job === null || (phase !== "waiting" && phase !== "running" && phase !== "paused")) return null;
    const { view, tracker, clock } = this.#options;
    const setpoint = view.get("job", id);
    if (setpoint === undefined) return null;
    const standing = halted ? "released" : view.standing(setpoint, nowMs);
    const lastWorkers = tracker.lastWorkers(id);
    const wish = jobWish({ workload, job, setpoint, standing, lastWorkers, wallMs: clock.wallMs() });
    return { workload, setpoint, standing, wish };
  }

  async #make(found: Case, pass: SteeringPass): Promise<void> {
    const { workload, wish } = found;
    const attempt = this.#attempt(found);
    mustAllow(workload, wish);
    // It is not asked again before the wait is over, whether it fails or takes its time.
    attempt.backOff.failed(pass.nowMs);
    pass.next.due(attempt.backOff.retryAtMs);
    try {
      if (wish.kind === "pause") await this.#options.actuator.pause(workload.id);
      else if (wish.kind === "run") await this.#options.actuator.run(workload.id, wish.workers);
      attempt.asked = true;
    } catch (cause) {
      const error = asCarmError(cause);
      this.#report(
        found.setpoint.decision,
        "failed",
        workload,
        `${error.code} ${workload.id}: ${error.message}`,
      );
      pass.next.failed(error, attempt.backOff.retryAtMs);
    }
  }

  #granted(found: Case, pass: SteeringPass): void {
    const { workload, setpoint, standing, wish } = found;
    const { decision } = setpoint;
    const attempt = this.#attempts.get(setpoint);
    if (attempt?.asked || isAsDecided(found)) {
      const takenBack = this.#options.hands.own(workload);
      if (takenBack && !attempt?.asked) this.#report(decision, "applied", workload, "");
    }
    if (attempt?.asked) {
      attempt.asked = false;
      attempt.backOff.succeeded();
      const reverted = standing === "lease-over" || pass.halted;
      this.#report(decision, reverted ? "reverted" : "applied", workload, "");
      return;
    }
    const isPostponed = wish.kind === "leave" && decision.action === "run" && workload.phase !== "running";
    if (standing === "lease-over" || isPostponed || this.#options.reporter.knows(decision)) return;
    this.#report(decision, "unchanged", workload, "");
  }

  #yield({ workload, setpoint }: Case): void {
    const workers = runningWorkers(workload);
    const seen = workers === 0 ? "paused it" : `runs it on ${workers} workers`;
    const detail = `${workload.id}: somebody else ${seen}; it is left alone until it is reclaimed.`;
    this.#report(setpoint.decision, "overridden", workload, detail);
  }

  #refuse({ workload, setpoint }: Case, why: string): void {
    this.#report(setpoint.decision, "failed", workload, `ERR_LIMIT_EXCEEDED ${workload.id}: ${why}`);
  }

  #attempt({ setpoint }: Case): Attempt {
    const known = this.#attempts.get(setpoint);
    if (known !== undefined) return known;
    const attempt = { backOff: new BackOff(this.#options.limits), asked: false };
    this.#attempts.set(setpoint, attempt);
    return attempt;
  }

  #report(decision: Decision, result: ActuationResult, workload: ObservedWorkload, detail: string): void {
    const workers = runningWorkers(workload);
    this.#options.reporter.add(decision, { result, smClockMhz: null, workers, detail });
  }
}

/** True if it is as it was told to be, not just as it may stay. */
function isAsDecided({ workload, setpoint, standing, wish }: Case): boolean {
  if (wish.kind === "run") return isGranted(workload, wish);
  return standing === "in-force" && setpoint.decision.action === "pause" && workload.phase !== "running";
}

/** Pauses and shrinking first, so that their GPUs are free; then by priority. */
function inOrder(cases: readonly Case[]): readonly Case[] {
  const frees = ({ workload, wish }: Case) =>
    wish.kind === "pause" || (wish.kind === "run" && wish.workers < runningWorkers(workload));
  const priority = ({ workload }: Case) => workload.job?.priority ?? 0;
  const freeing = cases.filter(frees);
  const taking = cases.filter((found) => !frees(found));
  return [...freeing, ...taking.sort((a, b) => priority(b) - priority(a))];
}

/** The law, checked once more where it would be broken. */
function mustAllow({ id, job, phase }: ObservedWorkload, wish: JobWish): void {
  assert(job !== null, `${id} is no job`);
  if (wish.kind === "pause") assert(job.pausable, `${id} did not say it may be paused`);
  if (wish.kind === "run" && phase === "running")
    assert(job.resizable, `${id} did not say it may be resized`);
}
