import type { Actuation, ActuationResult, Decision } from "../records/index.ts";
import type { Clock } from "./clock.ts";
import type { Outbox } from "./outbox.ts";
import { nextSequence } from "./sequence.ts";

/** What is said about a decision: with the values read back. */
export interface Finding {
  readonly result: ActuationResult;
  readonly smClockMhz: number | null;
  readonly workers: number | null;
  /** `ERR_… subject: message` if it failed, otherwise `subject: message` or empty. */
  readonly detail: string;
}

export interface ReporterOptions {
  readonly agent: string;
  readonly clock: Clock;
  readonly outbox: Outbox<"carm.actuations">;
}

/**
 * Turns findings into actuation records. One pass of an agent says each thing once, however many boards it is true of.
 * That something was done is said each time; that nothing had to be done, that it failed, that somebody else's hand
 * was seen, is said once a decision.
 */
export class Reporter {
  readonly #options: ReporterOptions;
  /** What was said before, by decision. */
  readonly #said = new WeakMap<Decision, Set<string>>();
  #sequence = 0;
  #findings: { readonly decision: Decision; readonly finding: Finding }[] = [];

  constructor(options: ReporterOptions) {
    this.#options = options;
  }

  /** False if nothing was said about this decision yet. */
  knows(decision: Decision): boolean {
    return this.#said.has(decision);
  }

  add(decision: Decision, finding: Finding): void {
    this.#findings.push({ decision, finding });
  }

  /** Ends a pass: queues what is new. */
  endPass(): void {
    if (this.#findings.length === 0) return;
    const findings = this.#findings;
    this.#findings = [];
    const passSaid = new Set<Actuation>();
    // That nothing had to be done is news only if there is no other.
    for (const { decision, finding } of findings) {
      if (finding.result !== "unchanged") this.#say(decision, finding, passSaid);
    }
    for (const { decision, finding } of findings) {
      if (finding.result === "unchanged" && !this.knows(decision)) this.#say(decision, finding, passSaid);
    }
  }

  #say(decision: Decision, finding: Finding, passSaid: Set<Actuation>): void {
    const { agent, clock, outbox } = this.#options;
    const said = this.#said.get(decision) ?? new Set<string>();
    this.#said.set(decision, said);
    const { result, detail } = finding;
    // Messages may vary from one attempt to the next; what stands before the colon does not.
    const words = `${result} ${detail.split(":", 1)[0]}`;
    const everyTime = result === "applied" || result === "reverted";
    if (!everyTime && said.has(words)) return;
    said.add(words);
    const { cluster, target, epoch } = decision;
    for (const other of passSaid) {
      if (other.target === target && isSame(other, finding)) return;
    }
    const observedAt = clock.wallMs();
    this.#sequence = nextSequence(this.#sequence, observedAt);
    const record = { cluster, observedAt, agent, sequence: this.#sequence, target, epoch, ...finding };
    passSaid.add(record);
    outbox.add(record);
  }
}

function isSame(record: Actuation, finding: Finding): boolean {
  return (
    record.result === finding.result &&
    record.smClockMhz === finding.smClockMhz &&
    record.workers === finding.workers &&
    record.detail === finding.detail
  );
}
