import { type Broker, readToEnd } from "../broker/index.ts";
import { CarmError, decodeLearning, type RecordCodec } from "../records/index.ts";
import { ownKind } from "./own-kind.ts";
import type { Processor, State } from "./processor.ts";

/** Once a partition: in which incarnation its state began. Its absence tells that there is no state. */
export const incarnationKind = ownKind<{ readonly incarnation: number }>("$incarnation", 1);

/** The incarnation of the state there is; undefined if there is none. */
export function incarnationOf(state: State): number | undefined {
  return state.get(incarnationKind, "", "")?.incarnation;
}

/** Notes the incarnation with the first changes of a state that has none yet. */
export function keepIncarnation(state: State, incarnation: number): void {
  if (incarnationOf(state) === undefined) state.put(incarnationKind, "", "", { incarnation });
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
