import { gramsOf, type OneJob } from "./one-job.ts";
import { mean, percent, print, yearOf } from "./series.ts";

/**
 * CarbonScaler's single job (arXiv 2302.08681): 24 h on one worker, up to 8, deadlines of 1, 1.5, 2 and 3 times its length,
 * perfect forecasts. Means over starts all over 2022. CA-RM may use clocks, too.
 */
const published: Record<string, string> = {
  "CA-ON 1": "33 % (Ontario)",
  "CA-ON 1.5": "36 % (Ontario); 51 % (Netherlands)",
};
const everyHours = 35;

const rows: string[][] = [];
for (const zone of ["CA-ON", "DE", "GB", "US-CAL-CISO"]) {
  const year = await yearOf(zone, 2022);
  for (const slack of [1, 1.5, 2, 3]) {
    const grams = {
      max: [] as number[],
      "wait-awhile": [] as number[],
      "carbon-scaler": [] as number[],
      "ca-rm": [] as number[],
    };
    for (let start = 0; start + 84 < year.length; start += everyHours) {
      const hours = year.slice(start, start + Math.ceil((24 * slack) / 0.95) + 4);
      const job: OneJob = {
        hours: 24,
        deadlineHours: 24 * slack,
        pausable: true,
        maxWorkers: 8,
        forecast: hours,
        truth: hours,
      };
      for (const policy of Object.keys(grams) as (keyof typeof grams)[])
        grams[policy].push(gramsOf(policy, job));
    }
    const saving = (policy: keyof typeof grams) =>
      percent(mean(grams[policy].map((g, i) => 1 - g / grams.max[i]!)));
    rows.push([
      zone,
      String(slack),
      saving("wait-awhile"),
      saving("carbon-scaler"),
      saving("ca-rm"),
      published[`${zone} ${slack}`] ?? "",
    ]);
  }
}
print(
  "CarbonScaler: one job of 24 h, 1 to 8 workers, saved against running at once",
  [
    "zone, 2022",
    "T / length",
    "suspend-resume (Wait-Awhile)",
    "CarbonScaler",
    "CA-RM (with clocks)",
    "CarbonScaler as published",
  ],
  rows,
);
