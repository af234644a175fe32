export type { DueRecord } from "./replay/due-record.ts";
export { gridRecords, type ReplayHour } from "./replay/grid-records.ts";
export { type SetupRecord, setupRecords } from "./replay/setup-records.ts";
export { readCsv } from "./traces/csv.ts";
export { type RecordedTraces, recordedTraces } from "./traces/recorded.ts";
export { type TypicalTraces, typicalTraces } from "./typical/typical.ts";
