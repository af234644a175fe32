import { CarmError } from "../../records/index.ts";
import { electricityMapsLine, onSiteLine, phillyLine, serveGenLine, wikipediaLine } from "../attribution.ts";
import { dayMs, hourMs, hoursBetween, mondayMs } from "../traces/hours.ts";
import { hourOfWeek } from "../traces/jobs.ts";
import { interpolate, resample, type Signal } from "../traces/resample.ts";
import { standIn } from "../zone-location.ts";
import { typicalIntensity } from "./intensity.generated.ts";
import { jobSizes } from "./job-sizes.generated.ts";
import { typicalSolar, typicalWind } from "./on-site.generated.ts";
import { typicalRequestRates } from "./request-rates.generated.ts";
import type { MonthHourTable, WeekHourTable } from "./tables.ts";
import { lognormalFactor, redNoise } from "./variability.ts";

export type TypicalTraces = ReturnType<typeof typicalTraces>;

const onSiteTables = { solar: typicalSolar, wind: typicalWind };
const standInZone = "DE";

/** Unrest from one ten minutes to the next on top of the hourly one: standard deviation of the log (assumed). */
const tenMinuteSpread = 0.03;
const tenMinutesMs = 600_000;

/**
 * Typical days for any date: the tables that ship with CA-RM with seeded weather-like variability. Not a recording.
 * The same seed gives the same values whatever was asked before. Throws ERR_ZONE_UNKNOWN, naming the zones there are.
 */
export function typicalTraces(seed: number) {
  const seeded = seededSignals(seed);
  return {
    kind: "typical" as const,
    attribution: [
      `Typical days, not recordings: means computed from the data below, with variability from seed ${seed}.`,
      electricityMapsLine,
      onSiteLine,
      serveGenLine,
      wikipediaLine,
      phillyLine,
    ],
    zones: Object.keys(typicalIntensity).sort(),

    async intensity(zone: string, fromMs: number, toMs: number): Promise<Float64Array> {
      const table = typicalIntensity[zone];
      if (table === undefined) {
        const zones = Object.keys(typicalIntensity).sort().join(", ");
        throw new CarmError("ERR_ZONE_UNKNOWN", `No typical days for zone ${zone}; there is: ${zones}.`);
      }
      const signal = seeded.monthly(`intensity ${zone}`, table);
      return Float64Array.from(hoursBetween(fromMs, toMs), signal);
    },

    async intensityRange(_zone: string): Promise<undefined> {
      return undefined;
    },

    async onSiteShape(zone: string, kind: "solar" | "wind" | "both", fromMs: number, toMs: number) {
      const kinds = kind === "both" ? (["solar", "wind"] as const) : [kind];
      const shapes = kinds.map((one) => onSiteSignal(seeded, zone, one));
      const values = Float64Array.from(
        hoursBetween(fromMs, toMs),
        (hour) => shapes.reduce((sum, shape) => sum + shape.signal(hour), 0) / shapes.length,
      );
      return { values, assumption: shapes.map((shape) => shape.assumption).join(" ") };
    },

    async requestRate(service: number, fromMs: number, toMs: number, stepMs: number): Promise<Float64Array> {
      const table = typicalRequestRates[service % typicalRequestRates.length]!;
      return resample(seeded.weekly(`requests ${service}`, table), tenMinutesMs, fromMs, toMs, stepMs);
    },

    async jobRows() {
      return jobSizes.map(([durationHours, gpus, submittedInHour]) => ({
        durationMs: durationHours * hourMs,
        gpus,
        hourOfWeek: submittedInHour,
        recordedAt: null,
      }));
    },
  };
}

function onSiteSignal(seeded: SeededSignals, zone: string, kind: "solar" | "wind") {
  const own = onSiteTables[kind][zone];
  const source = own === undefined ? standInZone : zone;
  const { shiftMs, assumption } = standIn(zone, source, kind);
  const signal = seeded.monthly(`${kind} ${source}`, own ?? onSiteTables[kind][standInZone]!);
  const typical = `On-site ${kind}: a typical day of ${zone}, not a recording.`;
  return {
    signal: (atMs: number) => signal(atMs + shiftMs),
    assumption: own === undefined ? assumption : typical,
  };
}

interface SeededSignals {
  monthly(stream: string, table: MonthHourTable): Signal;
  weekly(stream: string, table: WeekHourTable): Signal;
}

function seededSignals(seed: number): SeededSignals {
  return {
    monthly(stream, table) {
      const weather = redNoise(seed, stream, table.persistence);
      return (atMs) => {
        const factor = lognormalFactor(weather(Math.floor(atMs / hourMs)), table.spread);
        return typicalHour(table, atMs) * factor;
      };
    },
    weekly(stream, table) {
      const hourly = redNoise(seed, stream, table.persistence);
      const tenMinutely = redNoise(seed, `${stream} ten minutes`, 0);
      const typical = interpolate(
        (hour) => {
          const index = hourOfWeek(mondayMs + hour * hourMs);
          const mean = table.byWeekday[Math.floor(index / 24)]![index % 24]!;
          return mean * lognormalFactor(hourly(hour), table.spread);
        },
        mondayMs,
        hourMs,
      );
      const unrest = interpolate(
        (step) => lognormalFactor(tenMinutely(step), tenMinuteSpread),
        mondayMs,
        tenMinutesMs,
      );
      return (atMs) => typical(atMs) * unrest(atMs);
    },
  };
}

/** Between the middles of months, so that no month starts with a jump. */
function typicalHour(table: MonthHourTable, atMs: number): number {
  const date = new Date(atMs);
  const monthStart = Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
  const monthDays = (Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1) - monthStart) / dayMs;
  const position = date.getUTCMonth() + (atMs - monthStart) / dayMs / monthDays - 0.5;
  const month = Math.floor(position);
  const share = position - month;
  const hour = date.getUTCHours();
  const before = table.byMonth[(month + 12) % 12]![hour]!;
  const after = table.byMonth[(month + 1) % 12]![hour]!;
  return (1 - share) * before + share * after;
}
