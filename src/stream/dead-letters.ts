import type { Broker, OutgoingRecord } from "../broker/index.ts";
import {
  CarmError,
  type DeadLetter,
  decodeLearning,
  partitionOf,
  type RecordCodec,
  recordTopics,
  type TopicName,
  type TopicRecords,
} from "../records/index.ts";
import { replayedHeader, reroutedHeader } from "./headers.ts";

/** A dead letter with its own place on the log, which names it. */
export interface StoredDeadLetter {
  readonly partition: number;
  readonly offset: number;
  readonly value: DeadLetter;
}

/** What a dead letter's bytes say, or why they say nothing. */
export type DeadLetterContent =
  | { readonly value: TopicRecords[TopicName] }
  | { readonly value: null; readonly problem: string };

/** Decodes the record in a dead letter. Throws what the registry throws if it can't be asked. */
export async function deadLetterContent(codec: RecordCodec, letter: DeadLetter): Promise<DeadLetterContent> {
  if (letter.value === null) return { value: null, problem: "Its bytes were not kept." };
  const name = recordTopics().find((each) => each === letter.topic);
  if (name === undefined) return { value: null, problem: `There is no topic ${letter.topic} any more.` };
  try {
    return { value: await decodeLearning(codec, name, letter.value) };
  } catch (error) {
    if (error instanceof CarmError && error.code.startsWith("ERR_RECORD_")) {
      return { value: null, problem: error.message };
    }
    throw error;
  }
}

/**
 * Puts records that were dead letters on their topics again, as they came, each on the partition of its cluster. They
 * are not judged by the producer's clock a second time. Throws ERR_OPTION_INVALID, before anything is sent, for a
 * letter whose bytes were not kept.
 */
export async function replayDeadLetters(broker: Broker, letters: readonly StoredDeadLetter[]): Promise<void> {
  const counts = new Map<string, number>();
  for (const { value: letter } of letters) {
    if (!counts.has(letter.topic)) counts.set(letter.topic, await broker.partitionCount(letter.topic));
  }
  const records = letters.map((stored) => recordAgain(stored, counts.get(stored.value.topic)!));
  const producer = await broker.producer();
  try {
    await producer.send(records);
  } finally {
    await producer.close();
  }
}

function recordAgain(
  { value: letter, partition, offset }: StoredDeadLetter,
  partitions: number,
): OutgoingRecord {
  const { cluster, key, value, observedAt } = letter;
  if (value === null) {
    const message = `The bytes of ${partition}:${offset} were not kept: it was above the size limit, or empty. Leave it out.`;
    throw new CarmError("ERR_OPTION_INVALID", message);
  }
  const kept = letter.headers.filter(({ name }) => name !== reroutedHeader);
  const headers = Object.fromEntries(kept.map((header) => [header.name, header.value]));
  headers[replayedHeader] = Buffer.from(`${partition}:${offset}`);
  return {
    topic: letter.topic,
    partition: cluster === "" ? letter.partition : partitionOf(cluster, partitions),
    key,
    value,
    timestamp: observedAt,
    headers,
  };
}
