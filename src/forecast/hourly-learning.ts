import { learnBucket } from "./bucket-ridge.ts";
import {
  FEATURES,
  hourlyFeatures,
  LOOK_BACK_HOURS,
  slowAtIssue,
  widestDeviation,
} from "./hourly-features.ts";
import { DAYS, FIRST_HOUR, type HourlyForecaster, scaleOf } from "./hourly-state.ts";
import { DAY_HOURS, slotOf } from "./hourly-window.ts";
import { ISSUE_GROUP_HOURS, LEADS } from "./model-layout.ts";
import { trackError } from "./quantile-tracker.ts";
import { predictRidge } from "./ridge.ts";
import { fromScale } from "./scale.ts";

/** Learning begins when the features of the oldest open issue look back on real hours only. */
export const WARM_UP_HOURS = LOOK_BACK_HOURS + 24;
/** Skill is judged over about this many days. */
const SKILL_DAYS = 30;

const x = new Float64Array(FEATURES);

/** Forecast on the scale of the hour `lead` after `issue - 1`, from hours before `issue`. */
export function predict(f: HourlyForecaster, issue: number, lead: number): number {
  hourlyFeatures(f.window, f.cache, issue, lead, x);
  const model = f.options.layout.modelOf(issue + lead - 1, lead);
  const widest = widestDeviation(f.window, f.cache, issue);
  const deviation = Math.max(-widest, Math.min(widest, predictRidge(f.ridge.sums, model, x)));
  return slowAtIssue(f.window, issue, lead) + deviation;
}

/**
 * Compares open forecasts of hour `t` with `z` and learns from them; the window does not hold `t` yet. Neighbouring
 * issues say nearly the same about a far hour, so of far leads only some are used, each with more weight.
 */
export function learn(f: HourlyForecaster, t: number, z: number): void {
  const { layout } = f.options;
  const first = f.scalars[FIRST_HOUR]!;
  const oldest = Math.max(t - LEADS + 1, first + 1);
  const scale = scaleOf(f);
  const value = fromScale(scale, z);
  for (let issue = t; issue >= oldest; issue--) {
    const lead = t - issue + 1;
    const every = lead <= 8 ? 1 : lead <= 24 ? 2 : 4;
    if (issue % every !== 0) continue;
    const model = layout.modelOf(t, lead);
    const weight = every * layout.weightOf(lead) * issueWeight(issue, lead, every);
    const forecast = predict(f, issue, lead);
    trackError(f.tracker, model, z - forecast, weight);
    trackSkill(f, t, lead, value, fromScale(scale, forecast), every);
    if (issue < first + WARM_UP_HOURS) continue;
    learnBucket(f.ridge, model, x, z - slowAtIssue(f.window, issue, lead), z - forecast, weight);
  }
}

/**
 * Issues in the middle of their group (00, 06, 12, 18 h UTC) weigh more in the models of the first day than those at
 * its edges, so that a group is exact somewhere and nowhere far off. The mean over a group is 1.
 */
function issueWeight(issue: number, lead: number, every: number): number {
  if (lead > DAY_HOURS) return 1;
  const inGroup = ISSUE_GROUP_HOURS / every;
  const scale = inGroup / (inGroup - 1 + MIDDLE_WEIGHT);
  return issue % ISSUE_GROUP_HOURS === 0 ? MIDDLE_WEIGHT * scale : scale;
}

const MIDDLE_WEIGHT = 3;

function trackSkill(
  f: HourlyForecaster,
  t: number,
  lead: number,
  value: number,
  forecast: number,
  every: number,
): void {
  const day = Math.floor((lead - 1) / 24);
  const naive = fromScale(scaleOf(f), f.window.z[slotOf(t - 24 * (day + 1))]!);
  const rate = every / (SKILL_DAYS * 24 * 24);
  f.skill[day]! += rate * (Math.abs(value - forecast) - f.skill[day]!);
  f.skill[DAYS + day]! += rate * (Math.abs(value - naive) - f.skill[DAYS + day]!);
}
