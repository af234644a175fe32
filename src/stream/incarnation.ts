import { type Broker, readToEnd } from "../broker/index.ts";
import { CarmError, decodeLearning, type RecordCodec } from "../records/index.ts";
import type { Processor, State, StateKind } from "./processor.ts";

const version = 1;

/** Once a partition, under the cluster "": in which incarnation its state began. Its absence tells that there is no state. */
export const incarnationKind: StateKind<number> = {
  name: "$incarnation",
  encode: (incarnation) => Buffer.from(JSON.stringify({ version, incarnation })),
  decode: (bytes) => {
    let stored: { version: number; incarnation: number };
    try {
      stored = JSON.parse(Buffer.from(bytes).toString());
    } catch (cause) {
      throw new CarmError("ERR_STATE_CORRUPT", "The entry of an incarnation can't be read.", { cause });
    }
    if (stored.version === version) return stored.incarnation;
    const message = `The entry of an incarnation has version ${stored.version}, not ${version}; run a newer release.`;
    throw new CarmError("ERR_STATE_VERSION", message);
  },
};

/** The incarnation of the state there is; undefined if there is none. */
export function incarnationOf(state: State): number | undefined {
  return state.get(incarnationKind, "", "");
}

/** Notes the incarnation with the first changes of a state that has none yet. */
export function keepIncarnation(state: State, incarnation: number): void {
  if (incarnationOf(state) === undefined) state.put(incarnationKind, "", "", incarnation);
}

/**
 * One more than the highest incarnation that earlier lives of a partition left on the log. Only after fencing. What
 * can't be decoded counts for nobody who reads the topic, so not here either.
 */
export async function nextIncarnation(
  broker: Broker,
  codec: RecordCodec,
  processor: Processor,
  partition: number,
): Promise<number> {
  const mark = processor.incarnationMark;
  if (mark === undefined) return 1;
  let highest = 0;
  for await (const { value } of readToEnd(broker, { topic: mark.topic, partition })) {
    if (value === null) continue;
    try {
      highest = Math.max(highest, mark.of((await decodeLearning(codec, mark.topic, value)) as never));
    } catch (error) {
      if (!(error instanceof CarmError && error.code.startsWith("ERR_RECORD_"))) throw error;
    }
  }
  return highest + 1;
}
