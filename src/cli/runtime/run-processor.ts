import { join } from "node:path";
import type { Broker } from "../../broker/index.ts";
import { carmProcessor } from "../../processor/index.ts";
import type { RecordCodec } from "../../records/index.ts";
import { createRocksStores, createWorker, type StreamLimits, type Worker } from "../../stream/index.ts";
import type { Logger } from "./logger.ts";
import { topicsExist } from "./topics-exist.ts";

export interface ProcessorRunOptions {
  readonly broker: Broker;
  readonly codec: RecordCodec;
  readonly logIdentity: string;
  readonly stateFolder: string;
  readonly limits: Partial<StreamLimits>;
  /** Time is what `carm.ticks` says, written by a replay; otherwise the processor writes the ticks. */
  readonly simulatedTime: boolean;
  readonly log: Logger;
  /** Told once the worker has joined its group. */
  readonly onWorker?: (worker: Worker) => void;
  readonly signal: AbortSignal;
}

/** Runs CA-RM's processor until the signal; then it commits what it has taken and leaves its group. */
export async function runProcessor(options: ProcessorRunOptions): Promise<void> {
  const { broker, codec, log, signal, simulatedTime } = options;
  if (!(await topicsExist(broker, log, signal))) return;
  const worker = await createWorker({
    broker,
    codec,
    processor: carmProcessor,
    stores: createRocksStores(join(options.stateFolder, "processor")),
    logIdentity: options.logIdentity,
    limits: options.limits,
    writesTicks: !simulatedTime,
    onTaskFailure: (partition, error) =>
      log.warn({ partition, err: error }, "a task failed and starts again"),
  });
  options.onWorker?.(worker);
  log.info({ group: carmProcessor.name }, "joined the group");
  await worker.run(signal);
  log.info(worker.metrics, "committed and left the group");
}
