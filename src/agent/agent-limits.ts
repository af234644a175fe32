import { CarmError } from "../records/index.ts";

/** Every limit of an agent. */
export interface AgentLimits {
  /** The lease of a decision counts from receipt; of one older than this on receipt, from when it was decided, ms. */
  readonly decisionAgeMaxMs: number;
  /** Window over which targets revert after their lease ended, ms. */
  readonly reversionSpreadMs: number;
  /** Wait before a failed change is tried again, ms; doubles with each failure. */
  readonly retryMinMs: number;
  readonly retryMaxMs: number;
  /** Time between two progress events of a running job, ms. */
  readonly progressIntervalMs: number;
  /** Records that wait while the broker can't be reached; the oldest are dropped beyond. */
  readonly queuedRecordsMax: number;
}

export const defaultAgentLimits: AgentLimits = {
  decisionAgeMaxMs: 600_000,
  reversionSpreadMs: 30_000,
  retryMinMs: 1_000,
  retryMaxMs: 300_000,
  progressIntervalMs: 60_000,
  queuedRecordsMax: 10_000,
};

/** The defaults with some of them changed. Throws ERR_OPTION_INVALID for a value that can't be used. */
export function agentLimits(changes: Partial<AgentLimits> = {}): AgentLimits {
  const limits = { ...defaultAgentLimits, ...changes };
  for (const [name, value] of Object.entries(limits)) {
    const least = name === "reversionSpreadMs" ? 0 : 1;
    if (!Number.isSafeInteger(value) || value < least) {
      throw new CarmError("ERR_OPTION_INVALID", `${name} is ${value}; give a whole number from ${least} up.`);
    }
  }
  if (limits.retryMaxMs < limits.retryMinMs) {
    throw new CarmError("ERR_OPTION_INVALID", "retryMaxMs is below retryMinMs; raise it.");
  }
  return limits;
}
