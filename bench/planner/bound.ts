import type { PlanningJob } from "../../src/planners/index.ts";
import { trainingOptions } from "../../src/profiles/index.ts";
import { HOUR_MS, type Instance } from "./instances.ts";

const PUE = 1.2;

interface Point {
  readonly rate: number;
  readonly watts: number;
  readonly workers: number;
}

/**
 * A lower bound on the grams of any schedule of an instance, all arrivals known and restarts free: the best value found
 * of the Lagrangian dual of the linear program. Each job is free to mix options in time; GPUs and on-site supply are
 * priced. Above idle power; with on-site supply of the whole cluster.
 */
export function lowerBoundGrams(instance: Instance, rounds = 300): number {
  const { gco2PerKwh, onSiteWatts, jobs, gpus } = instance;
  const slots = gco2PerKwh.length;
  const grams = Float64Array.from(gco2PerKwh, (g) => (g * PUE) / 1000);
  const price = new Float64Array(slots);
  const supply = Float64Array.from(onSiteWatts, (watts) => (watts > 0 ? watts / PUE - gpus * 20 : 0));
  const power = grams.slice();
  const points = jobs.map(pointsOf);
  const worth = new Float64Array(jobs.length);
  let best = 0;
  for (let round = 0; round < rounds; round++) {
    const used = new Float64Array(slots);
    const watts = new Float64Array(slots);
    let value = 0;
    for (let t = 0; t < slots; t++) value -= price[t]! * gpus + power[t]! * supply[t]!;
    jobs.forEach((job, j) => {
      const bought = buy(job, points[j]!, power, price, worth[j]!, used, watts);
      worth[j] = bought.worth;
      value += bought.value;
    });
    best = Math.max(best, value);
    const step = 1 / (1 + round / 10);
    for (let t = 0; t < slots; t++) {
      const excess = Math.max(-1, Math.min(1, used[t]! / gpus - 1));
      price[t] = Math.max(0, price[t]! + 150 * step * excess * grams[t]!);
      if (onSiteWatts[t]! === 0) continue;
      const over = Math.max(-1, Math.min(1, (watts[t]! - supply[t]!) / Math.abs(supply[t]!)));
      power[t] = Math.max(0, Math.min(grams[t]!, power[t]! + step * over * grams[t]!));
    }
  }
  return best;
}

function pointsOf(job: PlanningJob): Point[] {
  const range = job.resizable
    ? { minWorkers: job.minWorkers, maxWorkers: job.maxWorkers }
    : { minWorkers: job.requestedWorkers, maxWorkers: job.requestedWorkers };
  return trainingOptions(job.profile, range)
    .map((o) => ({ rate: o.samplesPerSecond * 3600, watts: o.powerWatts, workers: o.workers }))
    .sort((a, b) => a.rate - b.rate);
}

/** What one job does at given prices: the worth of its samples that just does its work, and its share of the dual. */
function buy(
  job: PlanningJob,
  points: readonly Point[],
  power: Float64Array,
  price: Float64Array,
  guess: number,
  used: Float64Array,
  watts: Float64Array,
): { worth: number; value: number } {
  const first = Math.floor(job.submittedAt / HOUR_MS);
  const end = Math.ceil(job.deadlineAt! / HOUR_MS);
  const hulls: { line: Point[]; cost: number[] }[] = [];
  const hours: number[] = [];
  for (let t = first; t < end; t++) {
    hulls.push(hullOf(points, power[t]!, price[t]!));
    hours.push(
      (Math.min(job.deadlineAt!, (t + 1) * HOUR_MS) - Math.max(job.submittedAt, t * HOUR_MS)) / HOUR_MS,
    );
  }
  const workAt = (worth: number) =>
    hulls.reduce((sum, hull, s) => sum + (pick(hull, worth)?.rate ?? 0) * hours[s]!, 0);
  let high = guess > 0 ? guess * 1.2 : 1e-6;
  while (workAt(high) < job.samplesLeft && high < 1e9) high *= 2;
  let low = guess > 0 ? guess / 1.2 : 0;
  if (workAt(low) > job.samplesLeft) low = 0;
  for (let i = 0; i < 30; i++) {
    const middle = (low + high) / 2;
    if (workAt(middle) >= job.samplesLeft) high = middle;
    else low = middle;
  }
  let value = high * job.samplesLeft;
  hulls.forEach((hull, s) => {
    const i = pickIndex(hull, high);
    if (i < 0) return;
    const point = hull.line[i]!;
    value += hours[s]! * (hull.cost[i]! - high * point.rate);
    used[first + s]! += point.workers * hours[s]!;
    watts[first + s]! += point.watts * hours[s]!;
  });
  return { worth: high, value };
}

function hullOf(points: readonly Point[], power: number, price: number) {
  const line: Point[] = [];
  const cost: number[] = [];
  for (const point of points) {
    const c = power * point.watts + price * point.workers;
    if (line.length > 0 && point.rate === line.at(-1)!.rate && c >= cost.at(-1)!) continue;
    for (let n = line.length; n > 0; n = line.length) {
      const rateBefore = n > 1 ? line[n - 2]!.rate : 0;
      const costBefore = n > 1 ? cost[n - 2]! : 0;
      const slope = (cost[n - 1]! - costBefore) / (line[n - 1]!.rate - rateBefore);
      if ((c - cost[n - 1]!) / Math.max(1e-12, point.rate - line[n - 1]!.rate) > slope) break;
      line.pop();
      cost.pop();
    }
    line.push(point);
    cost.push(c);
  }
  return { line, cost };
}

function pick(hull: { line: Point[]; cost: number[] }, worth: number): Point | undefined {
  return hull.line[pickIndex(hull, worth)];
}

function pickIndex({ line, cost }: { line: Point[]; cost: number[] }, worth: number): number {
  let i = -1;
  while (i + 1 < line.length) {
    const rateBefore = i < 0 ? 0 : line[i]!.rate;
    const costBefore = i < 0 ? 0 : cost[i]!;
    if (cost[i + 1]! - costBefore > worth * (line[i + 1]!.rate - rateBefore)) break;
    i++;
  }
  return i;
}
