import type { Planner, PlannerResult, PlanningJob, PlanningProblem } from "../../src/planners/index.ts";
import { busyPowerWatts, samplesPerSecond } from "../../src/profiles/index.ts";
import { HOUR_MS, type Instance, problemAt } from "./instances.ts";

/** What came of one planner on one instance. */
export interface Outcome {
  /** Of training above idle power; with on-site supply of the whole cluster. */
  readonly grams: number;
  /** Ids of the jobs that missed their deadline. */
  readonly late: readonly string[];
  readonly unfinished: number;
  readonly restarts: number;
  readonly plans: number;
  readonly planMs: number;
}

export interface RollingOptions {
  /** What planners are told of the problem beyond the truth, for example a forecast. */
  readonly see?: (problem: PlanningProblem) => PlanningProblem;
  /** Real speed of each job over the modelled one. */
  readonly speedOf?: (job: PlanningJob) => number;
}

interface Running {
  job: PlanningJob;
  /** Time without progress that is still to pass. */
  restartMs: number;
}

/**
 * Plays an instance: a planner knows jobs only from their submission on, plans again at every hour, arrival and finish,
 * and its first slot is applied to the letter.
 */
export function playRolling(instance: Instance, planner: Planner, options: RollingOptions = {}): Outcome {
  const { see = (problem) => problem, speedOf = () => 1 } = options;
  const waiting = [...instance.jobs];
  let live: Running[] = [];
  let nowMs = 0;
  const late: string[] = [];
  const sum = { grams: 0, unfinished: 0, restarts: 0, plans: 0, planMs: 0 };
  const endMs = instance.gco2PerKwh.length * HOUR_MS;
  while ((live.length > 0 || waiting.length > 0) && nowMs < endMs - HOUR_MS) {
    while (waiting.length > 0 && waiting[0]!.submittedAt <= nowMs) {
      live.push({ job: waiting.shift()!, restartMs: 0 });
    }
    const problem = problemAt(
      instance,
      nowMs,
      live.map(({ job }) => job),
    );
    const started = performance.now();
    const plan = planToEnd(planner, see(problem));
    sum.planMs += performance.now() - started;
    sum.plans += 1;
    sum.restarts += apply(live, plan, instance.gpus);
    const untilMs = Math.min(
      (Math.floor(nowMs / HOUR_MS) + 1) * HOUR_MS,
      waiting[0]?.submittedAt ?? endMs,
      ...live.map((running) => nowMs + remainingMs(running, speedOf(running.job))),
    );
    sum.grams += gramsOf(instance, live, nowMs, untilMs);
    for (const running of live) progress(running, untilMs - nowMs, speedOf(running.job));
    nowMs = untilMs;
    for (const { job } of live) {
      if (job.samplesLeft === 0 && nowMs > job.deadlineAt! + 1000) late.push(job.id);
    }
    live = live.filter(({ job }) => job.samplesLeft > 0);
  }
  sum.unfinished = live.length + waiting.length;
  return { ...sum, late };
}

export function planToEnd(planner: Planner, problem: PlanningProblem): PlannerResult {
  const run = planner.plan(problem);
  for (;;) {
    const next = run.next();
    if (next.done === true) return next.value;
  }
}

/** Sets workers and clocks of the first slot; the number of starts, resumes and resizes. */
function apply(live: Running[], plan: PlannerResult, gpus: number): number {
  let restarts = 0;
  let used = 0;
  for (const running of live) {
    const { job } = running;
    const planned = plan.jobs.find(({ id }) => id === job.id)!;
    const workers = planned.workers[0]!;
    used += workers;
    if (job.started && !job.pausable && workers === 0) throw new Error(`${job.id} may not be paused`);
    if (job.workers > 0 && workers > 0 && workers !== job.workers && !job.resizable) {
      throw new Error(`${job.id} may not be resized`);
    }
    if (workers > 0 && workers !== job.workers) {
      restarts += 1;
      running.restartMs = job.restartCostMs;
    }
    const smClockMhz = workers > 0 ? planned.smClockMhz[0]! : null;
    running.job = { ...job, workers, smClockMhz, started: job.started || workers > 0 };
  }
  if (used > gpus) throw new Error(`${used} GPUs planned of ${gpus}`);
  return restarts;
}

function rate({ job }: Running, speed: number): number {
  if (job.workers === 0) return 0;
  return (samplesPerSecond(job.profile, job.workers, job.smClockMhz!) * speed) / 1000;
}

function remainingMs(running: Running, speed: number): number {
  const perMs = rate(running, speed);
  return perMs === 0 ? Number.POSITIVE_INFINITY : running.restartMs + running.job.samplesLeft / perMs;
}

function progress(running: Running, durationMs: number, speed: number): void {
  const { job } = running;
  if (job.workers === 0) return;
  const lostMs = Math.min(running.restartMs, durationMs);
  running.restartMs -= lostMs;
  const samplesLeft = job.samplesLeft - rate(running, speed) * (durationMs - lostMs);
  running.job = { ...job, samplesLeft: samplesLeft < 1e-3 ? 0 : samplesLeft, speedRatio: speed };
}

function gramsOf(instance: Instance, live: readonly Running[], fromMs: number, untilMs: number): number {
  const hour = Math.floor(fromMs / HOUR_MS);
  let watts = 0;
  for (const { job } of live) {
    if (job.workers === 0) continue;
    const { profile } = job;
    watts += job.workers * (busyPowerWatts(profile, job.smClockMhz!) - profile.gpu.idlePowerWatts);
  }
  const supply = instance.onSiteWatts[hour]!;
  const idle = supply > 0 ? instance.gpus * 20 : 0;
  const net = Math.max(0, 1.2 * (watts + idle) - supply);
  return (((net * instance.gco2PerKwh[hour]!) / 1000) * (untilMs - fromMs)) / HOUR_MS;
}
