import type { OracleJob, OracleOption } from "./problem.ts";
import { activeIdleW, type Draft } from "./program.ts";

const NONE = Number.NEGATIVE_INFINITY;
const share = { lower: 0, upper: 1 };

/** The variables of one job: a share for each of its slots and options; for whole plans also whether it is the option. */
export function addJob(draft: Draft, job: OracleJob): void {
  const { problem, builder, budgetRow } = draft;
  const work = builder.row(budgetRow === null ? 1 : 0, 1);
  const options = problem.profiles[job.profile]!.filter(
    ({ workers }) => workers >= job.minWorkers && workers <= job.maxWorkers,
  );
  const end = Math.min(job.deadline, problem.slots.length);
  const slots = Array.from({ length: Math.max(0, end - job.arrival) }, (_, i) => job.arrival + i);
  const starts = startRows(draft, job, slots);
  for (const slot of slots) {
    const once = builder.row(NONE, 1);
    for (const option of options) addOption(draft, job, { slot, option, work, once, starts });
  }
}

interface OptionPlace {
  readonly slot: number;
  readonly option: OracleOption;
  readonly work: number;
  readonly once: number;
  readonly starts: ReadonlyMap<number, number>;
}

function addOption(draft: Draft, job: OracleJob, place: OptionPlace): void {
  const { problem, builder, integral, budgetRow } = draft;
  const { slot, option, work, once, starts } = place;
  const { hours, pue } = problem.slots[slot]!;
  const { power, gpus } = draft.slots[slot]!;
  const kw = (option.watts + activeIdleW(problem, job.pool) * option.workers) / 1000;
  const done = (hours * option.rate) / job.work;
  const cost = budgetRow === null ? 0 : -done;
  const used = [power, -pue * kw] as const;
  const gpusUsed = [gpus.get(job.pool)!, option.workers] as const;
  const remember = (column: number) => draft.plan.set(column, { kind: "job", id: job.id, slot, option });
  if (!integral) {
    remember(builder.column(cost, share, [used, gpusUsed, [work, done], [once, 1]]));
    return;
  }
  const within = builder.row(NONE, 0);
  remember(builder.column(cost, share, [used, [work, done], [within, 1]]));
  const next = starts.get(slot + 1);
  builder.column(0, { ...share, integral: true }, [
    gpusUsed,
    ...(starts.has(slot) ? [[starts.get(slot)!, 1] as const] : []),
    ...(next === undefined ? [] : [[next, -1] as const]),
    [once, 1],
    [within, -1],
  ]);
}

/** Rows runs(t) − runs(t − 1) − starts(t) ≤ 0, by slot, where starts cost something. */
function startRows(draft: Draft, job: OracleJob, slots: readonly number[]): ReadonlyMap<number, number> {
  const { problem, builder, integral, budgetRow } = draft;
  const rows = new Map<number, number>();
  const { startG = 0, startWh = 0 } = job;
  if (!integral || (startG === 0 && startWh === 0)) return rows;
  for (const slot of slots) {
    const { pue, intensity } = problem.slots[slot]!;
    const grams = startG + (startWh / 1000) * pue * intensity;
    const row = builder.row(NONE, 0);
    rows.set(slot, row);
    if (budgetRow === null) builder.column(grams, share, [[row, -1]]);
    else
      builder.column(0, share, [
        [budgetRow, grams],
        [row, -1],
      ]);
  }
  return rows;
}
