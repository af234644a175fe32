import type { Broker, IncomingRecord, TopicPartition } from "./broker.ts";

const POLL_MS = 500;

/** What committed readers see of a partition from `offset` up to its end at the time of the call. */
export async function* readToEnd(
  broker: Broker,
  { topic, partition }: TopicPartition,
  offset = 0,
): AsyncGenerator<IncomingRecord> {
  const end = (await broker.endPositions([{ topic, partition }]))[0]!.offset;
  if (offset >= end) return;
  const reader = await broker.readPartitions([{ topic, partition, offset }]);
  try {
    for (let position = offset; position < end; ) {
      const polled = await reader.poll(POLL_MS);
      for (const record of polled.records) if (record.offset < end) yield record;
      position = polled.positions.at(-1)?.offset ?? position;
    }
  } finally {
    await reader.close();
  }
}
