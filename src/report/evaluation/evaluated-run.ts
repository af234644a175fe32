/** What one policy did in one scenario, as numbers that can be summed. Energy and carbon are of the whole cluster. */
export interface EvaluatedRun {
  /** Work left at the end included, see `kgCo2Charged`. */
  readonly kgCo2: number;
  readonly kwh: number;
  /** Part of `kgCo2` that the work still costs that was left at the end, done as MAX does it. */
  readonly kgCo2Charged: number;
  readonly services: readonly EvaluatedService[];
  readonly jobsSubmitted: number;
  readonly jobsFinished: number;
  readonly deadlineMisses: number;
  readonly samples: number;
  readonly clockChanges: number;
  readonly resizes: number;
}

export interface EvaluatedService {
  readonly service: string;
  /** For example 0.99. */
  readonly latencyQuantile: number;
  readonly requests: number;
  readonly requestsOverTarget: number;
}

/** One scenario with all that ran in it. */
export interface EvaluatedCase {
  readonly zone: string;
  /** Epoch milliseconds. */
  readonly startsAt: number;
  readonly load: "low" | "high";
  readonly slack: number;
  readonly seed: number;
  readonly runs: ReadonlyMap<string, EvaluatedRun>;
  /** Grams of the lower bound; null if it was not computed. */
  readonly oracleKgCo2: number | null;
}
