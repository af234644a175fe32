import { Arrivals, arrivalsUntil } from "../arrivals.ts";
import type { ModelTruth } from "../model-truth.ts";
import { physics } from "../physics.ts";
import type { Scenario, ScenarioService } from "../scenario.ts";
import type { OracleServiceSlot, OracleServingOption } from "./problem.ts";
import { ServingTable } from "./serving-table.ts";

const STEPS_PER_WINDOW = physics.windowMs / physics.stepMs;
/** Clocks that are listed for a slot, evenly spread. */
const LISTED_CLOCKS = 12;

/**
 * What each clock draws in each slot and whether the target holds there, from the simulator's own arrivals and latency
 * tables. The last option follows the arrivals from one step to the next with the least power that holds the target over
 * the slot, so no policy that holds it in every slot can draw less; its `mhz` is the mean. In a slot in which no clock holds
 * the target it is held as well as can be.
 */
export function servingSlots(
  scenario: Scenario,
  service: ScenarioService,
  truth: ModelTruth,
  slotMs: number,
): OracleServiceSlot[] {
  const { seed, modelError } = scenario.options;
  const arrivals = new Arrivals(service, seed, modelError);
  const table = new ServingTable(service, truth, modelError);
  const slots: OracleServiceSlot[] = [];
  for (let startsAt = scenario.startsAt; startsAt < scenario.endsAt; startsAt += slotMs) {
    const steps = stepsOf(arrivals, startsAt, slotMs);
    const requests = steps.reduce((sum, { count, times }) => sum + count * times, 0);
    slots.push({
      requests: (1000 * requests) / slotMs,
      options: slotOptions(service, table, steps, requests),
    });
  }
  return slots;
}

/** Steps of a slot in which the same number of requests arrive. */
interface EqualSteps {
  readonly count: number;
  readonly times: number;
}

function stepsOf(arrivals: Arrivals, startsAt: number, slotMs: number): EqualSteps[] {
  const times = new Map<number, number>();
  for (let windowAt = startsAt; windowAt < startsAt + slotMs; windowAt += physics.windowMs) {
    const all = arrivals.inWindow(windowAt);
    for (let step = 0; step < STEPS_PER_WINDOW; step += 1) {
      const until = (part: number) => arrivalsUntil(all, part / STEPS_PER_WINDOW);
      const count = roundedDown(until(step + 1) - until(step));
      times.set(count, (times.get(count) ?? 0) + 1);
    }
  }
  return [...times].map(([count, often]) => ({ count, times: often }));
}

/** To at most 1 part in 500: fewer requests draw less and are late less, so the bound holds and tables stay small. */
function roundedDown(count: number): number {
  const unit = 2 ** Math.max(0, Math.floor(Math.log2(count / 500)));
  return Math.floor(count / unit) * unit;
}

function slotOptions(
  service: ScenarioService,
  table: ServingTable,
  steps: readonly EqualSteps[],
  requests: number,
): OracleServingOption[] {
  const { gpus, latencyQuantile } = service.spec;
  const all = steps.reduce((sum, { times }) => sum + times, 0);
  // Where even the best clocks are late more often, no more than they are.
  const least = steps.reduce(
    (sum, { count, times }) => sum + times * Math.min(...table.overTarget(count)),
    0,
  );
  const allowed = Math.max((1 - latencyQuantile) * requests, least);
  const spread = (i: number) => Math.round((i * (table.clocks.length - 1)) / (LISTED_CLOCKS - 1));
  const listed = Array.from({ length: LISTED_CLOCKS }, (_, i): OracleServingOption => {
    const clock = spread(i);
    let watts = 0;
    let over = 0;
    for (const { count, times } of steps) {
      watts += times * table.watts(count)[clock]!;
      over += times * table.overTarget(count)[clock]!;
    }
    return { mhz: table.clocks[clock]!, gpus, ok: over <= allowed + 1e-9, watts: watts / all };
  });
  return [...listed, { gpus, ok: true, ...followed(table, steps, allowed, all) }];
}

/**
 * Least mean watts with at most `allowed` requests over the target: the Lagrangian dual of choosing a clock for every step,
 * a lower bound on every such choice.
 */
function followed(
  table: ServingTable,
  steps: readonly EqualSteps[],
  allowed: number,
  all: number,
): { watts: number; mhz: number } {
  const at = (price: number) => {
    let watts = 0;
    let over = 0;
    let mhz = 0;
    for (const { count, times } of steps) {
      const clock = table.cheapest(count, price);
      watts += times * table.watts(count)[clock]!;
      over += times * table.overTarget(count)[clock]!;
      mhz += times * table.clocks[clock]!;
    }
    return { watts, over, mhz: Math.round(mhz / all), bound: watts + price * (over - allowed) };
  };
  let best = at(0);
  if (best.over <= allowed) return { watts: best.watts / all, mhz: best.mhz };
  let low = 0;
  let high = 1;
  // Rounding aside, a price is found at which no more are late than allowed.
  while (at(high).over > allowed * (1 + 1e-9) && high < 1e9) high *= 8;
  for (let i = 0; i < 24; i += 1) {
    const middle = low === 0 ? high / 64 : Math.sqrt(low * high);
    const found = at(middle);
    if (found.bound > best.bound) best = found;
    if (found.over > allowed) low = middle;
    else high = middle;
    if (low > 0 && high / low < 1.0001) break;
  }
  return { watts: best.bound / all, mhz: best.mhz };
}
