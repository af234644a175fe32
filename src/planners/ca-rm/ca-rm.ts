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
const PASS_WEIGHTS = [1, 1, 0.5, 0.25, 0, 0, 0];

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
  const order = tasks.toSorted(byUrgency);
  const due = order.filter((task) => task.job.deadlineAt !== null);
  const prices = yield* shadowPrices(due, base);
  const best = yield* firstSchedule(order, base, pricingOf(prices, 1));
  for (const weight of PASS_WEIGHTS) {
    const pricing = pricingOf(prices, weight);
    for (const task of due) {
      best.improve(task, pricing);
      yield;
    }
  }
  return best;
}

/** Prices at a share of their own; power at what it costs in truth once they do not count in full. */
function pricingOf({ gpu, power }: ShadowPrices, weight: number): Pricing {
  const weighed = new Map([...gpu].map(([pool, prices]) => [pool, prices.map((price) => price * weight)]));
  return (pool) => ({ gpu: weighed.get(pool)!, power: weight === 1 ? power : null });
}

/** The first order of tasks in which none is late that need not be; else the one with the fewest. */
function* firstSchedule(
  order: readonly Task[],
  base: Usage,
  pricing: Pricing,
): Generator<undefined, Schedule> {
  let best = yield* placeAll(order, base, pricing);
  let tried = order;
  for (let i = 0; i < MAX_REORDERINGS && best.late().length > 0; i++) {
    const late = new Set(best.late());
    tried = [...tried].sort((a, b) => rank(a) - rank(b) || Number(late.has(b)) - Number(late.has(a)));
    const next = yield* placeAll(tried, base, pricing);
    if (next.late().length < best.late().length) best = next;
  }
  if (best.late().length > 0) {
    const earliest = yield* placeAll(order.toSorted(byDeadline), base, "earliest");
    if (earliest.late().length < best.late().length) best = earliest;
  }
  return best;
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

/** What has to run first; then what has a deadline that can be met; then what has lost its own; then the rest. */
function rank(task: Task): number {
  if (task.mustRun) return 0;
  if (task.job.deadlineAt === null) return 3;
  return task.hopeless ? 2 : 1;
}

function byUrgency(a: Task, b: Task): number {
  return rank(a) - rank(b) || b.tightness - a.tightness || byPriority(a, b);
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
