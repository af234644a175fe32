import type { TopicRecords } from "../../records/index.ts";

/** A record with its topic and the moment at which its producer would have published it, epoch milliseconds. */
export interface DueRecord<Topic extends keyof TopicRecords> {
  readonly dueAt: number;
  readonly topic: Topic;
  readonly record: TopicRecords[Topic];
}
