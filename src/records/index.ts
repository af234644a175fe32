export { assert, CarmError, type ErrorCode, errorCodes } from "./errors.ts";
export type * from "./records.generated.ts";
