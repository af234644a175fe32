import { CarmError, type ErrorCode } from "../../records/index.ts";

/** What a newer owner of the transactional id, or the end of a transaction that took too long, looks like. */
const fencing: ReadonlySet<string> = new Set([
  "INVALID_PRODUCER_EPOCH",
  "PRODUCER_FENCED",
  "INVALID_PRODUCER_ID_MAPPING",
]);

/** The broker's name of the failure, for example NOT_COORDINATOR_FOR_GROUP, from wherever kafkajs has wrapped it. */
export function errorType(error: unknown): string | undefined {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    if ("type" in at && typeof at.type === "string") return at.type;
  }
  return undefined;
}

/** Whether the same request may succeed later. */
export function isTransient(error: unknown): boolean {
  let at = error;
  while (at instanceof Error && at.cause instanceof Error) at = at.cause;
  return at instanceof Error && "retriable" in at && at.retriable === true;
}

/** Names what failed in terms of the port. `doing` completes "Kafka failed while …". */
export function kafkaError(doing: string, error: unknown): CarmError {
  if (error instanceof CarmError) return error;
  const type = errorType(error);
  const reason = error instanceof Error ? error.message : String(error);
  const code = codeOf(type, error);
  const advice = code === "ERR_BROKER_UNREACHABLE" ? " Check its address, and that it runs." : "";
  return new CarmError(code, `Kafka failed while ${doing}: ${reason}.${advice}`.replace("..", "."), {
    cause: error,
  });
}

function codeOf(type: string | undefined, error: unknown): ErrorCode {
  if (type !== undefined && fencing.has(type)) return "ERR_PRODUCER_FENCED";
  if (type === "UNKNOWN_TOPIC_OR_PARTITION") return "ERR_TOPIC_UNKNOWN";
  return type === undefined && isTransient(error) ? "ERR_BROKER_UNREACHABLE" : "ERR_BROKER_FAILED";
}
