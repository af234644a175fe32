/** Every way in which CA-RM can fail, each with the one sentence that says what it means. */
export const errorCodes = {
  ERR_RECORD_MALFORMED: "The bytes are not a record in the registry's wire format.",
  ERR_RECORD_SCHEMA_UNKNOWN:
    "The record names a schema that the registry does not know or that does not fit its topic.",
  ERR_RECORD_INVALID: "The record has the right shape, but a value that can't be true.",
  ERR_RECORD_MISPLACED: "The record lies on a partition that its cluster does not belong to.",
  ERR_RECORD_CLOCK_SKEW: "The producer's clock and the broker's differ by more than the limit.",
  ERR_TOPIC_UNKNOWN: "There is no such topic.",
  ERR_PRODUCER_FENCED: "A newer producer with the same transactional id has taken over.",
  ERR_TRANSACTION_STATE: "The producer is not in a state in which this call is allowed.",
  ERR_BROKER_CLOSED: "The broker connection is closed.",
  ERR_BROKER_UNREACHABLE: "No broker answers.",
  ERR_BROKER_FAILED: "The broker refused or failed a request.",
  ERR_POSITION_LOST: "The log ends before this position; it is not the log that the position is of.",
  ERR_PARTITIONS_FIXED: "The number of partitions of a topic can't be changed.",
  ERR_REGISTRY_UNREACHABLE: "The schema registry can't be asked.",
  ERR_REGISTRY_REFUSED: "The schema registry refused a request, or is none.",
  ERR_SCHEMA_INCOMPATIBLE: "A schema can't follow those that the registry has.",
  ERR_STATE_CORRUPT: "A stored state entry can't be read.",
  ERR_STATE_VERSION: "A stored state entry was written by a version that this one can't read.",
  ERR_STATE_UNAVAILABLE: "The local state folder can't be opened or written.",
  ERR_STEP_FAILED: "Processing this record failed; its cluster is quarantined.",
  ERR_CLUSTER_QUARANTINED: "The cluster is quarantined; `carm cluster resume` ends that.",
  ERR_LOG_DIFFERS: "What is on the log is not what its input comes to.",
  ERR_PROFILE_UNKNOWN: "There is no profile for this model on this GPU.",
  ERR_TRACE_MISSING: "A trace file that was asked for is not there.",
  ERR_TRACE_MALFORMED: "A trace file has a row that can't be read.",
  ERR_ZONE_UNKNOWN: "There is no data for this grid zone.",
  ERR_CONFIG_INVALID: "The configuration lacks a setting, or has a key or a value that can't be used.",
  ERR_SOURCE_UNAVAILABLE: "A data provider can't be reached or is out of order.",
  ERR_SOURCE_REFUSED: "A data provider refused the request: token, plan or quota.",
  ERR_SOURCE_MALFORMED: "A data provider answered something that can't be read.",
  ERR_ORACLE_FAILED: "The solver found no best plan for a problem of the oracle.",
  ERR_OPTION_INVALID: "A command-line option has a value that can't be used.",
  ERR_ACTUATOR_FAILED: "The device or the scheduler refused a change.",
  ERR_ACTUATOR_DENIED: "A right is missing that changing the device or the scheduler needs.",
  ERR_ACTUATOR_UNSUPPORTED: "The device, its driver or the scheduler can't do this.",
  ERR_GPU_LOST: "The GPU no longer answers.",
  ERR_LIMIT_EXCEEDED: "A stated limit was exceeded.",
  ERR_INTERNAL: "A defect in CA-RM.",
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** The one base class: a stable code, a message that says what to do, and the cause if there is one. */
export class CarmError extends Error {
  override readonly name = "CarmError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** Throws ERR_INTERNAL unless `condition` holds: for what must be true if CA-RM is right. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new CarmError("ERR_INTERNAL", message);
}
