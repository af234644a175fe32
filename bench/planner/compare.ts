import { maxPlanner } from "../../src/planners/competitors/max.ts";
import { findPlanner, type Planner } from "../../src/planners/index.ts";
import { lowerBoundGrams } from "./bound.ts";
import { type InstanceOptions, randomInstance } from "./instances.ts";
import { playRolling } from "./rolling.ts";

/**
 * CA-RM in a rolling loop on random instances, with foresight of intensity but not of arrivals, beside MAX, itself blind
 * to intensity, and the lower bound. Late: jobs past their deadline; lost: those of them that MAX finishes in time. Usage: compare.ts [seeds].
 */
const seeds = Number(process.argv[2] ?? 4);
const caRm = findPlanner("ca-rm");
const blind: Planner = {
  ...caRm,
  name: "blind",
  plan: (problem) => caRm.plan({ ...problem, intensityForecastUsable: false }),
};
const settings: Omit<InstanceOptions, "seed">[] = [
  { gpus: 24, arrivalHours: 72, utilization: 0.5, slack: 1.5, onSiteShare: 0 },
  { gpus: 24, arrivalHours: 72, utilization: 0.5, slack: 2, onSiteShare: 0 },
  { gpus: 24, arrivalHours: 72, utilization: 0.7, slack: 2, onSiteShare: 0 },
  { gpus: 24, arrivalHours: 72, utilization: 0.5, slack: 3, onSiteShare: 0 },
  { gpus: 24, arrivalHours: 72, utilization: 0.5, slack: 2, onSiteShare: 0.4 },
];

function line(cells: readonly (string | number)[]): void {
  process.stdout.write(`${cells.map((cell) => String(cell).padStart(9)).join("")}\n`);
}

line([
  "util",
  "slack",
  "on-site",
  "jobs",
  "bound%",
  "ca-rm%",
  "blind%",
  "share%",
  "timing%",
  "late",
  "lost",
  "blind",
  "max",
  "restarts",
  "ms/plan",
]);
for (const setting of settings) {
  const sum = {
    jobs: 0,
    bound: 0,
    caRm: 0,
    blind: 0,
    late: 0,
    lost: 0,
    lateBlind: 0,
    lateMax: 0,
    restarts: 0,
    ms: 0,
    plans: 0,
  };
  for (let seed = 1; seed <= seeds; seed++) {
    const instance = randomInstance({ ...setting, seed });
    const max = playRolling(instance, maxPlanner);
    const own = playRolling(instance, caRm);
    const unseeing = playRolling(instance, blind);
    sum.jobs += instance.jobs.length;
    sum.bound += lowerBoundGrams(instance) / max.grams / seeds;
    sum.caRm += own.grams / max.grams / seeds;
    sum.blind += unseeing.grams / max.grams / seeds;
    sum.late += own.late.length + own.unfinished;
    sum.lost += own.late.filter((id) => !max.late.includes(id)).length;
    sum.lateBlind += unseeing.late.length + unseeing.unfinished;
    sum.lateMax += max.late.length + max.unfinished;
    sum.restarts += own.restarts;
    sum.ms += own.planMs;
    sum.plans += own.plans;
  }
  const percent = (value: number) => (100 * value).toFixed(1);
  line([
    setting.utilization,
    setting.slack,
    setting.onSiteShare,
    sum.jobs,
    percent(1 - sum.bound),
    percent(1 - sum.caRm),
    percent(1 - sum.blind),
    percent((1 - sum.caRm) / (1 - sum.bound)),
    percent((sum.blind - sum.caRm) / (sum.blind - sum.bound)),
    sum.late,
    sum.lost,
    sum.lateBlind,
    sum.lateMax,
    (sum.restarts / sum.jobs).toFixed(1),
    (sum.ms / sum.plans).toFixed(1),
  ]);
}
