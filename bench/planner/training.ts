import { maxPlanner } from "../../src/planners/competitors/max.ts";
import { findPlanner, type Planner } from "../../src/planners/index.ts";
import { lowerBoundGrams } from "./bound.ts";
import { reference } from "./reference.ts";
import { playRolling } from "./rolling.ts";

/**
 * Training alone in the evaluation's default set-up, on recordings: the share of the LP bound's saving that CA-RM gets with
 * foresight of intensity (not of arrivals), with its own forecast, and blind to intensity; and the jobs that it loses and
 * MAX does not. Real speeds differ from the profiles by up to 4 %.
 * Usage: CARM_TRACES=FOLDER training.ts [ZONES] [STARTS] [SLACK] [UTILIZATION], lists with commas.
 */
const [zones = "DE,US-CAL-CISO", starts = "2022-05-10", slack = "2", utilization = "0.5"] =
  process.argv.slice(2);
const folder = process.env["CARM_TRACES"];
if (folder === undefined) throw new Error("CARM_TRACES names no folder of traces");
const caRm = findPlanner("ca-rm");
const blind: Planner = {
  ...caRm,
  plan: (problem) => caRm.plan({ ...problem, intensityForecastUsable: false }),
};
const speedOf = ({ id }: { readonly id: string }) => 1 + 0.04 * Math.sin(Number(id.slice(4)) * 12.9898);
const shares: number[][] = [[], [], []];

for (const zone of zones.split(",")) {
  for (const start of starts.split(",")) {
    const startsAt = Date.parse(`${start}T00:00:00Z`);
    const { instance, forecast } = await reference(folder, {
      zone,
      startsAt,
      seed: startsAt / 86_400_000,
      slack: Number(slack),
      utilization: Number(utilization),
    });
    const max = playRolling(instance, maxPlanner, { speedOf });
    const saved = max.grams - lowerBoundGrams(instance);
    const runs = [
      playRolling(instance, caRm, { speedOf }),
      playRolling(instance, caRm, { speedOf, see: forecast }),
      playRolling(instance, blind, { speedOf }),
    ];
    const cells = runs.map((run, i) => {
      const share = (100 * (max.grams - run.grams)) / saved;
      shares[i]!.push(share);
      const lost = run.late.filter((id) => !max.late.includes(id)).length + run.unfinished;
      return `${share.toFixed(1).padStart(6)} % (${lost} lost)`;
    });
    const bound = ((100 * saved) / max.grams).toFixed(1);
    process.stdout.write(
      `${zone.padEnd(12)} ${start} ${instance.jobs.length} jobs, bound ${bound} %: perfect ${cells[0]}, forecast ${cells[1]}, blind ${cells[2]}\n`,
    );
  }
}
const means = shares.map((list) => (list.reduce((sum, share) => sum + share, 0) / list.length).toFixed(1));
process.stdout.write(
  `mean share of the bound's saving: perfect ${means[0]} %, forecast ${means[1]} %, blind ${means[2]} %\n`,
);
