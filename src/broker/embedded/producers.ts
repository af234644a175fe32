import { CarmError } from "../../records/index.ts";
import type { OutgoingRecord, Position, Producer, TransactionalProducer } from "../broker.ts";
import type { EmbeddedLog } from "./embedded-log.ts";
import type { PartitionLog } from "./partition-log.ts";

/** Writes outside transactions. */
export class EmbeddedProducer implements Producer {
  readonly #log: EmbeddedLog;
  #closed = false;

  constructor(log: EmbeddedLog) {
    this.#log = log;
  }

  async send(records: readonly OutgoingRecord[]): Promise<void> {
    this.#log.enter();
    if (this.#closed) throw new CarmError("ERR_BROKER_CLOSED", "The producer is closed.");
    for (const log of this.#log.append(records, null)) log.notify();
  }

  async close(): Promise<void> {
    this.#closed = true;
  }
}

interface Transaction {
  readonly logs: Set<PartitionLog>;
  readonly positions: { readonly group: string; readonly positions: readonly Position[] }[];
}

/** Writes in transactions. The latest producer with an id is the only one that may. */
export class EmbeddedTransactionalProducer implements TransactionalProducer {
  readonly #log: EmbeddedLog;
  readonly #id: string;
  #transaction: Transaction | null = null;
  #closed = false;

  constructor(log: EmbeddedLog, transactionalId: string) {
    this.#log = log;
    this.#id = transactionalId;
    log.producers.get(transactionalId)?.abandon();
    log.producers.set(transactionalId, this);
  }

  begin(): void {
    if (this.#transaction !== null)
      throw stateError("A transaction is open; commit or abort it before the next.");
    this.#transaction = { logs: new Set(), positions: [] };
  }

  async send(records: readonly OutgoingRecord[]): Promise<void> {
    const transaction = this.#enter();
    for (const log of this.#log.append(records, transaction)) transaction.logs.add(log);
  }

  async sendPositions(group: string, positions: readonly Position[]): Promise<void> {
    const transaction = this.#enter();
    for (const position of positions) this.#log.partition(position);
    transaction.positions.push({ group, positions });
  }

  async commit(): Promise<void> {
    this.#end(this.#enter(), true);
  }

  async abort(): Promise<void> {
    this.#end(this.#enter(), false);
  }

  /** Leaves an open transaction open, as a process that dies does; the next producer with this id ends it. */
  async close(): Promise<void> {
    this.#closed = true;
  }

  /** A newer producer takes over: what is decided takes effect, what is open is aborted, both at once. */
  abandon(): void {
    if (this.#transaction !== null) this.#end(this.#transaction, false);
    this.#log.visibility.settle(this);
  }

  #enter(): Transaction {
    this.#log.enter();
    if (this.#log.producers.get(this.#id) !== this) {
      throw new CarmError("ERR_PRODUCER_FENCED", `A newer producer writes as ${this.#id}; discard this one.`);
    }
    if (this.#closed) throw new CarmError("ERR_BROKER_CLOSED", "The producer is closed.");
    if (this.#transaction === null) throw stateError("No transaction is open; begin one first.");
    this.#log.visibility.settle(this);
    return this.#transaction;
  }

  #end(transaction: Transaction, committed: boolean): void {
    this.#transaction = null;
    const { visibility } = this.#log;
    for (const log of transaction.logs) {
      visibility.schedule(this, () => log.endTransaction(transaction, committed));
    }
    if (committed) {
      for (const { group, positions } of transaction.positions) {
        visibility.schedule(this, () => this.#log.commitPositions(group, positions));
      }
    }
    // A reader that waits has to count calls itself until it sees what lags.
    if (!visibility.isSettled) this.#log.wakeAll();
  }
}

function stateError(message: string): CarmError {
  return new CarmError("ERR_TRANSACTION_STATE", message);
}
