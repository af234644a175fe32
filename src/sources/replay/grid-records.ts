import type { DueRecord } from "./due-record.ts";

const hourMs = 3_600_000;

/** One hour of grid and on-site supply. */
export interface ReplayHour {
  readonly startsAt: number;
  readonly gco2PerKwh: number;
  readonly pricePerKwh: number;
  readonly onSiteWatts: number;
}

/**
 * Intensity, price and on-site supply of one cluster, a record an hour. Each is due when its hour has ended, so a
 * replay tells nothing about an hour before it is over. Without on-site supply in any hour, `onSiteWatts` is null.
 */
export function gridRecords(
  cluster: string,
  zone: string,
  hours: readonly ReplayHour[],
): DueRecord<"carm.grid-intensity">[] {
  const hasOnSite = hours.some((hour) => hour.onSiteWatts > 0);
  return hours.map((hour) => {
    const endsAt = hour.startsAt + hourMs;
    return {
      dueAt: endsAt,
      topic: "carm.grid-intensity",
      record: {
        cluster,
        observedAt: endsAt,
        zone,
        startsAt: hour.startsAt,
        durationMs: hourMs,
        gco2PerKwh: hour.gco2PerKwh,
        signal: "average",
        kind: "measured",
        issuedAt: null,
        provider: "replay",
        pricePerKwh: hour.pricePerKwh,
        onSiteWatts: hasOnSite ? hour.onSiteWatts : null,
      },
    };
  });
}
