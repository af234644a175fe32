import type { Broker } from "../broker/index.ts";
import {
  type Decision,
  type Job,
  type JobEvent,
  type RecordCodec,
  validateRecord,
} from "../records/index.ts";
import {
  type EventMoment,
  type JobSubmission,
  plainEvent,
  type ServiceDeclaration,
  serviceDeclaredEvent,
  submittedEvent,
} from "./job-submission.ts";
import { createPublisher, type Publisher } from "./publisher.ts";
import { follow, readTable } from "./read-log.ts";

/** How to iterate over what comes. */
export interface WatchOptions {
  /** `beginning` starts with what the log still holds, `end` (the default) with what comes next. */
  readonly from?: "beginning" | "end";
  /** Ends the iteration. */
  readonly signal?: AbortSignal;
}

/**
 * Tells CA-RM about jobs and services, and reads what it decides and what became of jobs. All state is read from the
 * log, so it does not matter which processor owns the cluster's partition, or whether one runs.
 */
export interface CarmClient {
  /** Submits a job. Returns the event that was published. Throws ERR_RECORD_INVALID, naming the field. */
  submitJob(cluster: string, submission: JobSubmission): Promise<JobEvent>;
  /** Says that a job is cancelled; the workload itself is its scheduler's to end. */
  cancelJob(cluster: string, job: string, detail?: string): Promise<JobEvent>;
  /** Declares a service or changes its declaration. Throws ERR_RECORD_INVALID, naming the field. */
  declareService(cluster: string, service: ServiceDeclaration): Promise<JobEvent>;
  removeService(cluster: string, service: string, detail?: string): Promise<JobEvent>;
  /**
   * Publishes any event of a job's or service's life, for schedulers that report started, progress, finished
   * themselves. `sequence` must rise with each event of a subject. Throws ERR_RECORD_INVALID, naming the field.
   */
  publishJobEvent(event: JobEvent): Promise<void>;
  /** What became of every job of a cluster, the one that changed last at the end. */
  jobs(cluster: string): Promise<Job[]>;
  /** What became of one job; undefined if CA-RM has not taken it in. */
  job(cluster: string, job: string): Promise<Job | undefined>;
  /** Every change of a cluster's jobs, as it comes. */
  watchJobs(cluster: string, options?: WatchOptions): AsyncIterable<Job>;
  /** The latest decision about every target of a cluster. */
  decisions(cluster: string): Promise<Decision[]>;
  /** Decisions as they come. */
  watchDecisions(cluster: string, options?: WatchOptions): AsyncIterable<Decision>;
  close(): Promise<void>;
}

export interface ClientOptions {
  readonly broker: Broker;
  readonly codec: RecordCodec;
  /** The clock of what is published, epoch milliseconds; `Date.now` unless given. */
  readonly now?: () => number;
  /** Closed with the client. */
  readonly onClose?: () => Promise<void>;
}

/** A client on a broker that is already open, for example the embedded one in a test. */
export async function createClient(options: ClientOptions): Promise<CarmClient> {
  return new LogClient(options, await createPublisher(options.broker, options.codec));
}

class LogClient implements CarmClient {
  readonly #options: ClientOptions;
  readonly #publisher: Publisher;
  #lastMs = 0;

  constructor(options: ClientOptions, publisher: Publisher) {
    this.#options = options;
    this.#publisher = publisher;
  }

  submitJob(cluster: string, submission: JobSubmission): Promise<JobEvent> {
    return this.#publish(submittedEvent(this.#moment(cluster), submission));
  }

  cancelJob(cluster: string, job: string, detail = ""): Promise<JobEvent> {
    return this.#publish(plainEvent(this.#moment(cluster), job, "cancelled", detail));
  }

  declareService(cluster: string, service: ServiceDeclaration): Promise<JobEvent> {
    return this.#publish(serviceDeclaredEvent(this.#moment(cluster), service));
  }

  removeService(cluster: string, service: string, detail = ""): Promise<JobEvent> {
    return this.#publish(plainEvent(this.#moment(cluster), service, "service_removed", detail));
  }

  async publishJobEvent(event: JobEvent): Promise<void> {
    await this.#publish(event);
  }

  jobs(cluster: string): Promise<Job[]> {
    return readTable("carm.jobs", { ...this.#options, cluster });
  }

  async job(cluster: string, job: string): Promise<Job | undefined> {
    return (await this.jobs(cluster)).find((candidate) => candidate.job === job);
  }

  watchJobs(cluster: string, options: WatchOptions = {}): AsyncIterable<Job> {
    return values(follow("carm.jobs", { ...this.#options, ...options, cluster }));
  }

  decisions(cluster: string): Promise<Decision[]> {
    return readTable("carm.decisions", { ...this.#options, cluster });
  }

  watchDecisions(cluster: string, options: WatchOptions = {}): AsyncIterable<Decision> {
    return values(follow("carm.decisions", { ...this.#options, ...options, cluster }));
  }

  async close(): Promise<void> {
    await this.#publisher.close();
    await this.#options.onClose?.();
  }

  async #publish(event: JobEvent): Promise<JobEvent> {
    // The shape first: the rules rely on it.
    this.#options.codec.encode("carm.job-events", event);
    validateRecord("carm.job-events", event);
    this.#publisher.add("carm.job-events", event, event.observedAt);
    await this.#publisher.flush();
    return event;
  }

  /** Two events of this client never have the same sequence. */
  #moment(cluster: string): EventMoment {
    const now = this.#options.now ?? Date.now;
    this.#lastMs = Math.max(this.#lastMs + 1, Math.floor(now()));
    return { cluster, nowMs: this.#lastMs };
  }
}

async function* values<V>(records: AsyncIterable<{ readonly value: V }>): AsyncGenerator<V, void> {
  for await (const { value } of records) yield value;
}
