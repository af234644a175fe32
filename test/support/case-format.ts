/** A decision case: events in, decisions out. Times are "HH:MM" after the start; hours may exceed 24. */
export interface DecisionCase {
  readonly title: string;
  /** Why the expected decisions are right, in words. */
  readonly why: string;
  /** UTC date and hour at which the case begins. */
  readonly start: string;
  readonly until: string;
  /** GPUs of the training pool and of the inference pool. */
  readonly training: number;
  readonly inference?: number;
  /** Days of intensity known before the case begins; 28 unless given. */
  readonly historyDays?: number;
  readonly powerCapWatts?: number;
  readonly planner?: string;
  readonly mode?: "live" | "shadow";
  readonly clockLimitsMhz?: readonly [min: number, max: number];
  /** Grid intensity, g/kWh, by hour of day (UTC): on the 28 days before and during the case, varied by up to 8 %. */
  readonly usualIntensity: readonly number[];
  /** From this time on the grid source says nothing. */
  readonly intensitySilentFrom?: string;
  /** From this time on no node reports and no service. */
  readonly telemetrySilentFrom?: string;
  readonly events: readonly CaseEvent[];
  readonly expect: readonly Expectation[];
}

export type CaseEvent = { readonly at: string } & (
  | SubmitEvent
  | { readonly cancel: string }
  | { readonly loseTrainingGpus: number }
  /** Somebody else sets a job's workers by hand, 0 to pause it; its agent leaves it alone from then on. */
  | { readonly byHand: string; readonly workers: number }
  | { readonly reclaim: string }
  /** Somebody else locks so many boards of the training pool at a clock. */
  | { readonly lockByHand: number; readonly clockMhz: number }
  /** From now on the first boards of the training pool are shared by these; "unknown" is a tenant nobody knows. */
  | { readonly shareBoard: readonly string[] }
  | ServiceEvent
  | { readonly requests: string; readonly perSecond: number }
  | { readonly intensity: number; readonly hours: number }
  | { readonly policy: PolicyEvent }
);

export interface PolicyEvent {
  readonly planner?: string | undefined;
  readonly mode?: "live" | "shadow" | "off" | undefined;
  readonly clockLimitsMhz?: readonly [min: number, max: number] | undefined;
}

export interface SubmitEvent {
  readonly submit: string;
  readonly model: string;
  /** Hours it would take on the workers asked for, at the top clock. */
  readonly hours: number;
  readonly workers: number;
  readonly minWorkers?: number;
  readonly maxWorkers?: number;
  readonly deadline?: string;
  readonly pausable?: boolean;
  readonly resizable?: boolean;
  readonly priority?: number;
  /** Submitted under a model name that no profile has. */
  readonly modelNameUnknown?: boolean;
}

export interface ServiceEvent {
  readonly serve: string;
  /** inference unless given. */
  readonly pool?: string;
  readonly model: string;
  readonly gpus: number;
  readonly targetMs: number;
}

/** What must hold; a job or a service is named, then when, then what. */
export interface Expectation {
  readonly job?: string;
  readonly service?: string;
  /** When; then what follows is of the setpoint in force at that time. */
  readonly at?: string;
  readonly action?: "run" | "hold" | "pause" | "pause-or-hold" | "release" | "none";
  readonly workers?: number;
  readonly reason?: string;
  /** raised and lowered: against the clock at `than`. */
  readonly clockMhz?: "top" | "below top" | "hardware" | "raised" | "lowered" | number;
  readonly onLeaseEnd?: "default" | "hold" | "run";
  readonly than?: string;
  /** No such decision in the whole case. */
  readonly never?: "run" | "hold" | "pause" | "resize";
  readonly startsBetween?: readonly [string, string];
  readonly finishedBy?: string;
  /** Exactly so many in every decision that lets it run. */
  readonly workersWhenRunning?: number;
  /** More than so many in some decision. */
  readonly runsWiderThan?: number;
  /** Some record of the job says so. */
  readonly why?: string;
  /** Tenants of one board: its lock, by the rule of node agents, is the clock decided for `lockedFor`; "hardware" is no lock. */
  readonly board?: readonly string[];
  readonly lockedFor?: string;
  /** Of all jobs together, at any time. */
  readonly workersAtMost?: number;
  /** Of every decision. */
  readonly clocksWithinMhz?: readonly [min: number, max: number];
  readonly liveDecisions?: number;
  readonly shadowDecisionsAtLeast?: number;
}
