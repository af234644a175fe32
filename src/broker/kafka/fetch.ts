import type { Cluster } from "kafkajs";
import { CarmError } from "../../records/index.ts";
import type { IncomingRecord } from "../broker.ts";
import { errorType } from "./kafka-error.ts";
import { type FetchedPartition, positionAfter, visibleRecords } from "./visible-records.ts";

/** Where a reader is in a partition. */
export interface Cursor {
  readonly topic: string;
  readonly partition: number;
  offset: number;
  paused: boolean;
  /** Changes with every move, so that what was fetched before is known to be of no use. */
  version: number;
}

export interface Fetched {
  readonly cursor: Cursor;
  readonly records: readonly IncomingRecord[];
  /** The position after what was fetched. */
  readonly next: number;
}

interface FetchResponse {
  readonly responses: readonly {
    readonly topicName: string;
    readonly partitions: readonly Omit<FetchedPartition, "topic">[];
  }[];
}

const READ_COMMITTED = 1;
const MAX_BYTES = 10_485_760;
const MAX_BYTES_PER_PARTITION = 1_048_576;

/** One request to one broker. Cursors are not moved; those for which nothing came are left out. */
export async function fetchFrom(
  cluster: Cluster,
  nodeId: string,
  cursors: readonly Cursor[],
  maxWaitMs: number,
): Promise<Fetched[]> {
  const broker = await cluster.findBroker({ nodeId });
  const from = new Map(cursors.map((cursor) => [cursor, cursor.offset]));
  const request = {
    replicaId: -1,
    isolationLevel: READ_COMMITTED,
    maxWaitTime: Math.ceil(maxWaitMs),
    minBytes: 1,
    maxBytes: MAX_BYTES,
    topics: cursors.map(({ topic, partition, offset }) => ({
      topic,
      partitions: [{ partition, fetchOffset: String(offset), maxBytes: MAX_BYTES_PER_PARTITION }],
    })),
  };
  let response: FetchResponse;
  try {
    response = await broker.fetch(request);
  } catch (error) {
    if (errorType(error) === "OFFSET_OUT_OF_RANGE") return goOnFromStart(cluster, cursors, from);
    throw error;
  }
  return response.responses.flatMap(({ topicName: topic, partitions }) =>
    partitions.flatMap((partition) => {
      const cursor = cursors.find((one) => one.topic === topic && one.partition === partition.partition)!;
      const next = positionAfter(partition.messages);
      if (next === undefined) return [];
      return [{ cursor, records: visibleRecords({ topic, ...partition }, from.get(cursor)!), next }];
    }),
  );
}

/**
 * Retention has removed what lay at a position: the log's start is where to go on. A position beyond the log's end has
 * no such answer: the log is not the one that the position is of.
 */
async function goOnFromStart(
  cluster: Cluster,
  cursors: readonly Cursor[],
  from: ReadonlyMap<Cursor, number>,
): Promise<Fetched[]> {
  const partitionsOf = (topic: string) =>
    cursors.filter((cursor) => cursor.topic === topic).map(({ partition }) => ({ partition }));
  const topics = [...new Set(cursors.map(({ topic }) => topic))];
  const request = (fromBeginning: boolean) =>
    topics.map((topic) => ({ topic, partitions: partitionsOf(topic), fromBeginning }));
  const [starts, ends] = [
    await cluster.fetchTopicsOffset(request(true)),
    await cluster.fetchTopicsOffset(request(false)),
  ];
  const find = (offsets: typeof starts, { topic, partition }: Cursor) =>
    Number(
      offsets.find((one) => one.topic === topic)!.partitions.find((one) => one.partition === partition)!
        .offset,
    );
  return cursors.flatMap((cursor) => {
    const position = from.get(cursor)!;
    const [start, end] = [find(starts, cursor), find(ends, cursor)];
    if (position > end) {
      const { topic, partition } = cursor;
      const message = `${topic}/${partition} ends at ${end}, before position ${position}. Was the topic created anew?`;
      throw new CarmError("ERR_POSITION_LOST", message);
    }
    return position < start ? [{ cursor, records: [], next: start }] : [];
  });
}
