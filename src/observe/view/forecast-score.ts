import type { Forecast, GridIntensity } from "../../records/index.ts";

const HOUR_MS = 3_600_000;
/** A forecast whose actual never came is forgotten after this. */
const MEMORY_MS = 96 * HOUR_MS;

/** How good the forecasts of one lead were, over all hours that have been measured since. */
export interface LeadScore {
  readonly leadHours: number;
  hours: number;
  /** Sum of |median − actual|, g/kWh. */
  absoluteError: number;
  /** Sum of the actual values, g/kWh: the error's yardstick. */
  actual: number;
  /** Hours whose actual lay within the outermost quantiles. */
  covered: number;
}

interface Foreseen {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** Compares published forecasts of intensity with what was measured later. */
export class ForecastScore {
  readonly leads: readonly LeadScore[] = [1, 24].map((leadHours) => ({
    leadHours,
    hours: 0,
    absoluteError: 0,
    actual: 0,
    covered: 0,
  }));
  /** By lead, then by start of the hour. */
  readonly #foreseen = this.leads.map(() => new Map<number, Foreseen>());

  takeForecast({ observedAt, startsAt, stepMs, levels, values }: Forecast): void {
    if (stepMs !== HOUR_MS) return;
    const middle = levels.indexOf(0.5);
    if (middle < 0) return;
    this.leads.forEach(({ leadHours }, lead) => {
      const hour = Math.ceil(observedAt / HOUR_MS) * HOUR_MS + (leadHours - 1) * HOUR_MS;
      const step = (hour - startsAt) / HOUR_MS;
      const median = values[middle]?.[step];
      const low = values[0]?.[step];
      const high = values.at(-1)?.[step];
      if (median === undefined || low === undefined || high === undefined) return;
      const foreseen = this.#foreseen[lead] as Map<number, Foreseen>;
      foreseen.set(hour, { median, low, high });
      for (const old of foreseen.keys()) if (old < hour - MEMORY_MS) foreseen.delete(old);
    });
  }

  /** Scores a measured hour once; revisions of it change nothing. */
  takeMeasured({ kind, startsAt, durationMs, gco2PerKwh }: GridIntensity): void {
    if (kind !== "measured" || durationMs !== HOUR_MS) return;
    this.leads.forEach((score, lead) => {
      const foreseen = this.#foreseen[lead]?.get(startsAt);
      if (foreseen === undefined) return;
      this.#foreseen[lead]?.delete(startsAt);
      score.hours += 1;
      score.absoluteError += Math.abs(foreseen.median - gco2PerKwh);
      score.actual += gco2PerKwh;
      if (gco2PerKwh >= foreseen.low && gco2PerKwh <= foreseen.high) score.covered += 1;
    });
  }
}
