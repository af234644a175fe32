import { join } from "node:path";
import {
  busyPowerWatts,
  findProfile,
  profileLibrary,
  relativeSpeed,
  supportedSmClocksMhz,
} from "../../src/profiles/index.ts";
import { readCsv } from "../../src/sources/index.ts";
import { percent, print } from "./series.ts";

/** Clocks alone on the V100 of the library, beside measured V100s: kernels under clocks, training under power limits (Zeus). */
const profile = findProfile(profileLibrary, "resnet50", "v100");
const top = profile.gpu.maxSmClockMhz;

/** Energy and time of a fixed amount of work, idle power included, over those at the highest clock. */
function against(mhz: number) {
  const time = 1 / relativeSpeed(profile, mhz);
  return { energy: (busyPowerWatts(profile, mhz) * time) / busyPowerWatts(profile, top), time };
}

const clocks = supportedSmClocksMhz(profile.gpu);
const leastMhz = clocks.reduce((best, mhz) => (against(mhz).energy < against(best).energy ? mhz : best), top);
const least = against(leastMhz);
const at945 = against(945);
const rows = [
  [
    "V100 nnForward, 945 of 1380 MHz",
    percent(at945.energy - 1),
    percent(at945.time - 1),
    "-25.5 %",
    "+22.6 %",
  ],
  [
    "V100, clock of least energy",
    `${percent(least.energy - 1)} at ${leastMhz} MHz`,
    percent(least.time - 1),
    "-20 to -25 % at 945 MHz",
    "0 to +44 %",
  ],
];

const zeus = await readCsv(join(process.env["CARM_TRACES"] ?? "", "dvfs/zeus_power_limit_profiles.csv"), [
  "gpu",
  "network",
  "batch_size",
  "optimizer",
  "power_limit_w",
  "time_per_epoch_s",
  "average_power_w",
  "energy_per_epoch_j",
]);
for (const [network, batch, optimizer] of [
  ["resnet50", 256, "adadelta"],
  ["bert_base_uncased", 32, "adamw"],
] as const) {
  const own = zeus.filter(
    (row) =>
      row.text("gpu") === "V100" && row.text("network") === network && row.number("batch_size") === batch,
  );
  const first = own.filter((row) => row.text("optimizer").toLowerCase() === optimizer);
  const runs = first.length > 0 ? first : own;
  if (runs.length === 0) continue;
  const full = runs.reduce((a, b) => (b.number("power_limit_w") > a.number("power_limit_w") ? b : a));
  const best = runs.reduce((a, b) =>
    b.number("energy_per_epoch_j") < a.number("energy_per_epoch_j") ? b : a,
  );
  // The clock at which the profile draws the same share of its busy power.
  const share = best.number("average_power_w") / full.number("average_power_w");
  const mhz = clocks.reduce((a, b) =>
    Math.abs(busyPowerWatts(profile, b) / busyPowerWatts(profile, top) - share) <
    Math.abs(busyPowerWatts(profile, a) / busyPowerWatts(profile, top) - share)
      ? b
      : a,
  );
  const own945 = against(mhz);
  rows.push([
    `V100 ${network} (batch ${batch}), limit of ${best.number("power_limit_w")} W`,
    `${percent(own945.energy - 1)} at ${mhz} MHz`,
    percent(own945.time - 1),
    percent(best.number("energy_per_epoch_j") / full.number("energy_per_epoch_j") - 1),
    percent(best.number("time_per_epoch_s") / full.number("time_per_epoch_s") - 1),
  ]);
}
print(
  "Clocks alone: the profile beside measured V100s",
  ["", "energy here", "time here", "energy measured", "time measured"],
  rows,
);
