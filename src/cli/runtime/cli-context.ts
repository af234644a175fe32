import type { Broker } from "../../broker/index.ts";
import type { RecordCodec } from "../../records/index.ts";
import type { Logger, Output } from "./logger.ts";
import type { Config } from "./settings.ts";

/** An open log: the broker, and the codec that its registry gave. */
export interface Connection {
  readonly broker: Broker;
  readonly codec: RecordCodec;
  /** Names the log: state of another log is never taken for this one's. */
  readonly logIdentity: string;
  close(): Promise<void>;
}

/** What commands need of the process around them; a test gives its own. */
export interface CliContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Epoch milliseconds. */
  readonly nowMs: () => number;
  /** Ends with SIGTERM or SIGINT. */
  readonly signal: AbortSignal;
  readonly connect: (config: Config, log: Logger) => Promise<Connection>;
}
