import { clocksAt, fitClocks, placementOf } from "./fit.ts";
import { bestPattern, type Pattern } from "./pattern-search.ts";
import { costIn, noPrices, type Prices, type Room, roomFor } from "./room.ts";
import type { Task } from "./task.ts";
import type { Placement, Usage } from "./usage.ts";
import { bestWindow } from "./window-search.ts";

const PRICE_STEPS = 12;
/** Close enough to the work, as a share: the clocks take up the rest. */
const WORK_TOLERANCE = 0.01;
/** A price per sample, over the dearest that any clock costs, at which only work counts. */
const ANY_PRICE = 1e6;

/** A placement and its grams plus shadow prices. */
export interface PricedPlacement {
  readonly placement: Placement;
  readonly cost: number;
}

/**
 * Places one task by `until` at least grams plus shadow prices, given what else is planned. Null if its work can't be
 * done by then in the room there is.
 */
export function placeCheapest(
  task: Task,
  usage: Usage,
  prices: Prices,
  until: number,
): PricedPlacement | null {
  const room = roomFor(task, usage, prices, until);
  if (room.end <= room.first || !Number.isFinite(task.work)) return null;
  const patterns: Pattern[] = [];
  if (!task.job.pausable && task.options.length === 1) {
    const window = bestWindow(task, room);
    if (window !== null) patterns.push(window);
  } else {
    patterns.push(...searchPrice(task, room));
  }
  let best: PricedPlacement | null = null;
  for (const pattern of patterns) {
    const placement = fitClocks(task, room, pattern);
    if (placement === null) continue;
    const cost = costIn(room, placement);
    if (best === null || cost < best.cost) best = { placement, cost };
  }
  return best;
}

/** Patterns on both sides of the price per sample at which the work is just done; none if no price does it. */
function searchPrice(task: Task, room: Room): Pattern[] {
  let dear = typicalPrice(task, room);
  let cheap = 0;
  let above = bestPattern(task, room, dear);
  let below = above;
  const dearest = dear * ANY_PRICE;
  while (above !== null && above.work < task.work) {
    if (dear >= dearest) return [];
    cheap = dear;
    below = above;
    dear *= dear > typicalPrice(task, room) * 16 ? 100 : 2;
    above = bestPattern(task, room, dear);
  }
  if (above === null) return [];
  for (let i = 0; i < PRICE_STEPS && above.work > task.work * (1 + WORK_TOLERANCE); i++) {
    const price = (cheap + dear) / 2;
    const found = bestPattern(task, room, price);
    if (found === null) break;
    if (found.work >= task.work) {
      above = found;
      dear = price;
    } else {
      below = found;
      cheap = price;
    }
  }
  return below === null || below === above ? [above.pattern] : [above.pattern, below.pattern];
}

function typicalPrice(task: Task, room: Room): number {
  let sum = 0;
  for (let t = room.first; t < room.end; t++) sum += room.gramsPerWattHour[t]!;
  const { wattsPerRate, leastEnergy } = task.options[0]!;
  return 2 * wattsPerRate[leastEnergy]! * (sum / (room.end - room.first) + room.freeGramsPerWattHour);
}

/** Places one task so that it finishes as early as the room allows, at the most it may use. Null if it never does. */
export function placeEarliest(task: Task, usage: Usage): Placement | null {
  const { horizon } = usage;
  const room = roomFor(task, usage, noPrices(horizon), Number.POSITIVE_INFINITY);
  if (room.end <= room.first || !Number.isFinite(task.work)) return null;
  const price = typicalPrice(task, room) * ANY_PRICE;
  const within = (end: number): Pattern | null => {
    const found = bestPattern(task, { ...room, end }, price);
    return found !== null && found.work >= task.work ? found.pattern : null;
  };
  let high = room.end;
  let pattern = within(high);
  if (pattern === null) return null;
  let low = room.first;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    const found = within(middle);
    if (found === null) low = middle;
    else {
      high = middle;
      pattern = found;
    }
  }
  return placementOf(task, room, pattern, clocksAt(task, room, pattern, price));
}
