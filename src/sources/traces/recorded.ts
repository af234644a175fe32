import { join } from "node:path";
import { CarmError } from "../../records/index.ts";
import { electricityMapsLine, onSiteLine, phillyLine, serveGenLine, wikipediaLine } from "../attribution.ts";
import { openFolder } from "./folder.ts";
import { endOf, type HourlySeries, hoursBetween, valueAt } from "./hours.ts";
import { intensityBetween, intensityFiles, readIntensity } from "./intensity.ts";
import { readJobs } from "./jobs.ts";
import { findShape, type OnSiteKind, sameHourOfRecordedYear } from "./on-site.ts";
import { readRequestRate, recordedRates } from "./request-rate.ts";
import { resample } from "./resample.ts";

export type RecordedTraces = Awaited<ReturnType<typeof recordedTraces>>;

/**
 * Recordings in a folder (`carbon/`, `requests/`, `jobs/`), each file read once when it is first asked for.
 * Throws ERR_TRACE_MISSING if the folder or a file is not there, ERR_TRACE_MALFORMED with file and line for a row that
 * can't be read, ERR_ZONE_UNKNOWN for a zone without intensity.
 */
export async function recordedTraces(folder: string) {
  const carbon = await openFolder(join(folder, "carbon"));
  const zoneFiles = intensityFiles(carbon);
  const once = memo();

  function intensityOf(zone: string): Promise<HourlySeries> {
    const files = zoneFiles.get(zone);
    if (files === undefined) {
      const zones = [...zoneFiles.keys()].join(", ") || "none";
      throw new CarmError("ERR_ZONE_UNKNOWN", `No recorded intensity for zone ${zone}; there is: ${zones}.`);
    }
    return once(`intensity ${zone}`, () => readIntensity(files));
  }

  async function shapeOf(zone: string, kind: OnSiteKind, fromMs: number, toMs: number) {
    const shape = await once(`on-site ${zone} ${kind}`, () => findShape(carbon, zone, kind));
    const values = Float64Array.from(hoursBetween(fromMs, toMs), (hour) =>
      valueAt(shape.series, sameHourOfRecordedYear(hour + shape.shiftMs)),
    );
    return { values, assumption: shape.assumption };
  }

  return {
    kind: "recorded" as const,
    attribution: [electricityMapsLine, onSiteLine, serveGenLine, wikipediaLine, phillyLine],
    zones: [...zoneFiles.keys()].sort(),

    async intensity(zone: string, fromMs: number, toMs: number): Promise<Float64Array> {
      return intensityBetween(zone, await intensityOf(zone), fromMs, toMs);
    },

    async intensityRange(zone: string) {
      const series = await intensityOf(zone);
      return { fromMs: series.fromMs, toMs: endOf(series) };
    },

    async onSiteShape(zone: string, kind: OnSiteKind | "both", fromMs: number, toMs: number) {
      if (kind !== "both") return shapeOf(zone, kind, fromMs, toMs);
      const solar = await shapeOf(zone, "solar", fromMs, toMs);
      const wind = await shapeOf(zone, "wind", fromMs, toMs);
      return {
        values: solar.values.map((value, i) => (value + wind.values[i]!) / 2),
        assumption: [solar.assumption, wind.assumption].filter((line) => line !== "").join(" "),
      };
    },

    async requestRate(service: number, fromMs: number, toMs: number, stepMs: number): Promise<Float64Array> {
      const rate = await once(`rate ${service % recordedRates}`, async () =>
        readRequestRate(await openFolder(join(folder, "requests")), service),
      );
      return resample(rate.signal, rate.stepMs, fromMs, toMs, stepMs);
    },

    async jobRows() {
      return once("jobs", async () => readJobs(await openFolder(join(folder, "jobs"))));
    },
  };
}

/** Keeps the first result of each key. */
function memo(): <T>(key: string, make: () => Promise<T>) => Promise<T> {
  const kept = new Map<string, Promise<unknown>>();
  return <T>(key: string, make: () => Promise<T>) => {
    const made = kept.get(key) ?? make();
    kept.set(key, made);
    return made as Promise<T>;
  };
}
