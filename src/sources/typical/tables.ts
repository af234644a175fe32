import type { Variability } from "./variability.ts";

/** Mean by month and hour of day, UTC: 12 rows of 24. */
export interface MonthHourTable extends Variability {
  readonly byMonth: readonly (readonly number[])[];
}

/** Mean by day of the week and hour, UTC: 7 rows of 24, Monday first. */
export interface WeekHourTable extends Variability {
  readonly byWeekday: readonly (readonly number[])[];
}

/** Duration in hours, GPUs, hour of the week of submission. */
export type JobSize = readonly [durationHours: number, gpus: number, hourOfWeek: number];
