import { HOUR_MS, hourOf } from "../ledger/index.ts";
import type { Context } from "./context.ts";
import { gridKind } from "./state-kinds.ts";

/**
 * Price of a kWh in each hour from `startsAt` on: as published for that hour, day-ahead prices among them; beyond what
 * is published, the latest known price of the same hour of the day (UTC), as tariffs repeat daily; 0 where none is known.
 */
export function hourlyPrices(context: Context, startsAt: number, hours: number): number[] {
  const published = new Map<number, { sum: number; weightMs: number }>();
  for (const [, { startsAt: at, durationMs, pricePerKwh }] of context.state.range(
    gridKind,
    context.cluster,
  )) {
    if (pricePerKwh === null) continue;
    const hour = published.get(hourOf(at)) ?? { sum: 0, weightMs: 0 };
    published.set(hourOf(at), {
      sum: hour.sum + pricePerKwh * durationMs,
      weightMs: hour.weightMs + durationMs,
    });
  }
  const byHourOfDay = new Array<number>(24).fill(0);
  for (const [hour, { sum, weightMs }] of published) byHourOfDay[(hour / HOUR_MS) % 24] = sum / weightMs;
  return Array.from({ length: hours }, (_, index) => {
    const hour = startsAt + index * HOUR_MS;
    const known = published.get(hour);
    return known === undefined ? (byHourOfDay[(hour / HOUR_MS) % 24] as number) : known.sum / known.weightMs;
  });
}
