/**
 * Writes the tables of the profile library into docs/profiles.md. A test checks that the committed page is what this
 * script would write.
 *
 *     node scripts/generate-profile-docs.ts
 */
import { readFileSync, writeFileSync } from "node:fs";
import {
  busyPowerWatts,
  leastEnergySmClockMhz,
  type ProfileTemplate,
  profileLibrary,
  relativeSpeed,
} from "../src/profiles/index.ts";

const page = new URL("../docs/profiles.md", import.meta.url);
const librarySection = /(<!-- library:.*-->\n)[\s\S]*(<!-- \/library -->)/;

/** The text of the page with current tables. */
export function generateProfileDocs(): string {
  const tables = ["", gpuTable(), "", curveTable(), "", profileTable(), "", ""].join("\n");
  return readFileSync(page, "utf8").replace(
    librarySection,
    (_all, start: string, end: string) => `${start}${tables}${end}`,
  );
}

function gpuTable(): string {
  const gpus = new Map(profileLibrary.map(({ gpu }) => [gpu.model, gpu]));
  return table(
    ["GPU", "clocks, MHz", "step, MHz", "idle, W", "limit, W", "evidence", "source"],
    [...gpus.values()].map((gpu) => [
      gpu.model,
      `${gpu.minSmClockMhz}–${gpu.maxSmClockMhz}`,
      gpu.smClockStepMhz,
      gpu.idlePowerWatts,
      gpu.powerLimitWatts,
      gpu.evidence,
      gpu.source,
    ]),
  );
}

/** Models that share a curve share a row. */
function curveTable(): string {
  const curves = new Map<string, ProfileTemplate[]>();
  for (const profile of profileLibrary) {
    const key = JSON.stringify([profile.gpu.model, profile.curve]);
    curves.set(key, [...(curves.get(key) ?? []), profile]);
  }
  return table(
    [
      "GPU",
      "models",
      "busy at top clock, W",
      "least energy at, MHz",
      "busy there, W",
      "speed there",
      "evidence",
      "source",
    ],
    [...curves.values()].map((profiles) => {
      const profile = profiles[0]!;
      const clock = leastEnergySmClockMhz(profile);
      return [
        profile.gpu.model,
        profiles.map(({ model }) => model).join(", "),
        Math.round(busyPowerWatts(profile, profile.gpu.maxSmClockMhz)),
        clock,
        Math.round(busyPowerWatts(profile, clock)),
        relativeSpeed(profile, clock).toFixed(2),
        profile.curveEvidence,
        profile.curveSource,
      ];
    }),
  );
}

function profileTable(): string {
  return table(
    ["model", "GPU", "purpose", "per second, one GPU, top clock", "workers or batches", "evidence", "source"],
    profileLibrary.map((profile) => [
      profile.model,
      profile.gpu.model,
      profile.purpose,
      profile.samplesPerSecond,
      profile.batching === null
        ? profile.scaling
            .map(({ workers, relativeThroughput }) => `${workers}: ${relativeThroughput}×`)
            .join(", ")
        : `${profile.batching.setupMs} ms + b × ${profile.batching.marginalMs} ms, b ≤ ${profile.batching.maxBatch}`,
      profile.rateEvidence,
      profile.rateSource,
    ]),
  );
}

function table(header: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(" | ")} |`;
  return [line(header), line(header.map(() => "---")), ...rows.map(line)].join("\n");
}

if (import.meta.main) writeFileSync(page, generateProfileDocs());
