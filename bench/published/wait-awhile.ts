import { Random } from "../planner/random.ts";
import { gramsOf, type OneJob } from "./one-job.ts";
import { mean, percent, print, yearOf } from "./series.ts";

/**
 * Wait-Awhile's machine-learning jobs (arXiv 2110.13234): 4 to 90 h, submitted on workdays from 9 to 17 h local time; one that
 * would end outside of work hours may be shifted until the next workday at 9. Forecasts with Gaussian errors of 0, 5, 10 % of
 * the mean, drawn anew for every job. Times are UTC plus the zone's winter offset.
 */
const published: Record<string, string> = {
  DE: "5.9 % / 7.9 %",
  GB: "6.6 % / 9.0 %",
  FR: "4.8 % / 5.9 %",
  "US-CAL-CISO": "2.5 % / 5.7 %",
};
const offsets: Record<string, number> = { DE: 1, GB: 0, FR: 1, "US-CAL-CISO": -8 };
const jobs = 400;

/** Hours from `end` to the next workday at 9; 0 where it lies within work hours already. Hours of the year, local. */
function hoursToWork(end: number, firstWeekday: number): number {
  for (let wait = 0; ; wait += 1) {
    const hour = Math.ceil(end) + wait;
    const weekday = (firstWeekday + Math.floor(hour / 24)) % 7;
    const inWork = weekday < 5 && hour % 24 >= 9 && hour % 24 < 17;
    if (inWork) return wait;
  }
}

const rows: string[][] = [];
for (const [zone, offset] of Object.entries(offsets)) {
  const year = await yearOf(zone, 2021);
  const yearMean = mean(year);
  // 1 January 2021 is a Friday.
  const firstWeekday = 4;
  for (const error of [0, 0.05, 0.1]) {
    const random = new Random(7);
    const sums = { max: 0, rigid: 0, interruptible: 0 };
    for (let i = 0; i < jobs; ) {
      const local = Math.floor(random.between(24, year.length - 24 * 9));
      const length = random.between(4, 90);
      const weekday = (firstWeekday + Math.floor(local / 24)) % 7;
      if (weekday >= 5 || local % 24 < 9 || local % 24 >= 17) continue;
      i += 1;
      const start = local - offset;
      const deadlineHours = length + hoursToWork(local + length, firstWeekday);
      const truth = year.slice(start, start + Math.ceil(deadlineHours / 0.95) + 4);
      const forecast = truth.map((value) => Math.max(0, value + error * yearMean * random.normal()));
      const job: OneJob = { hours: length, deadlineHours, pausable: true, maxWorkers: 1, forecast, truth };
      sums.max += gramsOf("max", job);
      sums.rigid += gramsOf("wait-awhile-rigid", { ...job, pausable: false });
      sums.interruptible += gramsOf("wait-awhile", job);
    }
    rows.push([
      zone,
      percent(error),
      `${percent(1 - sums.rigid / sums.max)} / ${percent(1 - sums.interruptible / sums.max)}`,
      published[zone]!,
    ]);
  }
}
print(
  "Wait-Awhile: shifting to the next workday, not interruptible / interruptible",
  ["zone, 2021", "forecast error", "saved here", "saved as published (2020)"],
  rows,
);
