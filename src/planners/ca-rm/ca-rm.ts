import type { JobPlan, Planner, PlannerResult, PlanningProblem, ServicePlan } from "../planner.ts";
import { planServiceClocks } from "../serving-clocks.ts";
import { baseUsage } from "./base-usage.ts";
import { horizonOf } from "./horizon.ts";
import { type Pricing, Schedule } from "./schedule.ts";
import { type ShadowPrices, shadowPrices } from "./shadow-prices.ts";
import { type Task, taskOf } from "./task.ts";
import type { Usage } from "./usage.ts";

/** Orders that are tried before every task is placed as early as it can be. */
const MAX_REORDERINGS = 3;
/** By what share the shadow prices count in each pass over all tasks; without them at the end, when all are placed. */
const PASS_WEIGHTS = [1, 0.5, 0, 0];

/** Where room is scarce, other orders of placing the tasks, and by what share prices count in them. */
const OTHER_STARTS = [
  { order: byTightWidth, weight: 1 },
  { order: byTightness, weight: 1.4 },
  { order: byTightWidth, weight: 1.4 },
];

/** Least carbon while latency targets and deadlines hold. */
export const caRmPlanner: Planner = {
  name: "ca-rm",
  guardsLatency: true,
  *plan(problem) {
    const horizon = horizonOf(problem);
    const services: ServicePlan[] = [];
    for (const service of problem.services) {
      services.push({ id: service.id, smClockMhz: planServiceClocks(service, problem) });
      yield;
    }
    const base = baseUsage(
      problem,
      horizon,
      services.map(({ smClockMhz }) => smClockMhz),
    );
    const tasks = problem.jobs.map((job) => taskOf(job, problem, horizon));
    yield;
    const schedule = yield* scheduleTasks(tasks, base);
    return resultOf(problem, tasks, schedule, services);
  },
};

function* scheduleTasks(tasks: readonly Task[], base: Usage): Generator<undefined, Schedule> {
  const due = tasks.filter((task) => task.job.deadlineAt !== null).sort(byTightness);
  const prices = yield* shadowPrices(due, base);
  let best = yield* placeAll(tasks.toSorted(byTightness), base, pricingOf(prices, 1));
  if (isScarce(prices) || best.late().length > 0) {
    for (const { order, weight } of OTHER_STARTS) {
      const next = yield* placeAll(tasks.toSorted(order), base, pricingOf(prices, weight));
      if (isBetter(next, best)) best = next;
    }
    best = yield* rescueLate(tasks, base, best, pricingOf(prices, 1));
  }
  for (const weight of PASS_WEIGHTS) {
    const pricing = pricingOf(prices, weight);
    for (const task of due) {
      best.improve(task, pricing);
      yield;
    }
  }
  return best;
}

function isBetter(a: Schedule, b: Schedule): boolean {
  const fewer = a.late().length - b.late().length;
  return fewer < 0 || (fewer === 0 && a.grams() < b.grams());
}

/** Lets late tasks go first, then places everything as early as it can be: the first schedule without a late task. */
function* rescueLate(
  tasks: readonly Task[],
  base: Usage,
  first: Schedule,
  pricing: Pricing,
): Generator<undefined, Schedule> {
  let best = first;
  let order = tasks.toSorted(byTightness);
  for (let i = 0; i < MAX_REORDERINGS && best.late().length > 0; i++) {
    const late = new Set(best.late());
    order = order.toSorted((a, b) => rank(a) - rank(b) || Number(late.has(b)) - Number(late.has(a)));
    const next = yield* placeAll(order, base, pricing);
    if (isBetter(next, best)) best = next;
  }
  if (best.late().length === 0) return best;
  const earliest = yield* placeAll(tasks.toSorted(byDeadline), base, "earliest");
  return isBetter(earliest, best) ? earliest : best;
}

/** Prices at a share of their own; power at what it costs in truth once they do not count in full. */
function pricingOf({ gpu, power }: ShadowPrices, weight: number): Pricing {
  const weighed = new Map([...gpu].map(([pool, prices]) => [pool, prices.map((price) => price * weight)]));
  return (pool) => ({ gpu: weighed.get(pool)!, power: weight >= 1 ? power : null });
}

function* placeAll(
  order: readonly Task[],
  base: Usage,
  pricing: Pricing | "earliest",
): Generator<undefined, Schedule> {
  const schedule = new Schedule(base);
  for (const task of order) if (task.mustRun) schedule.hold(task);
  for (const task of order) {
    if (task.job.deadlineAt === null) schedule.placeSteady(task);
    else if (pricing === "earliest") schedule.placeEarliest(task);
    else schedule.place(task, pricing);
    yield;
  }
  return schedule;
}

function isScarce({ gpu, power }: ShadowPrices): boolean {
  return (
    power.some((share) => share < 1) || [...gpu.values()].some((prices) => prices.some((price) => price > 0))
  );
}

/** What has to run first; then what has a deadline that can be met; then what has lost its own; then the rest. */
function rank(task: Task): number {
  if (task.mustRun) return 0;
  if (task.job.deadlineAt === null) return 3;
  return task.hopeless ? 2 : 1;
}

function byTightness(a: Task, b: Task): number {
  return rank(a) - rank(b) || b.tightness - a.tightness || byPriority(a, b);
}

/** Wide jobs find a place only while there is room. */
function byTightWidth(a: Task, b: Task): number {
  const width = (task: Task) => task.tightness * task.job.requestedWorkers;
  return rank(a) - rank(b) || width(b) - width(a) || byPriority(a, b);
}

function byDeadline(a: Task, b: Task): number {
  return rank(a) - rank(b) || a.deadlineAt - b.deadlineAt || byPriority(a, b);
}

function byPriority(a: Task, b: Task): number {
  return (
    b.job.priority - a.job.priority || a.job.submittedAt - b.job.submittedAt || (a.job.id < b.job.id ? -1 : 1)
  );
}

function resultOf(
  problem: PlanningProblem,
  tasks: readonly Task[],
  schedule: Schedule,
  services: readonly ServicePlan[],
): PlannerResult {
  const jobs = problem.jobs.map((job, j): JobPlan => {
    const task = tasks[j]!;
    const placement = schedule.placementOf(task)!;
    return {
      id: job.id,
      workers: [...placement.workers],
      smClockMhz: [...placement.smClockMhz],
      expectedFinishAt: Number.isFinite(placement.finishAt) ? placement.finishAt : null,
      expectedGrams: schedule.usage.gramsOf(placement),
      feasible: !task.hopeless,
    };
  });
  return { jobs, services };
}
