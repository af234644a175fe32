import { readdirSync, readFileSync } from "node:fs";
import { topicDeclarations } from "../../src/records/index.ts";
import { page, table } from "./markdown.ts";

const folder = new URL("../../topics/", import.meta.url);
const dayMs = 86_400_000;

export function topicsPage(): string {
  const purpose = new Map(
    readdirSync(folder).map((file) => {
      const text = readFileSync(new URL(file, folder), "utf8");
      const comment = text.split("\n", 1)[0]?.replace(/^#\s*/, "") ?? "";
      return [/^name: (\S+)$/m.exec(text)?.[1] ?? "", comment];
    }),
  );
  return page(
    "Topics",
    "`carm topics apply` makes Kafka match this. Partition counts are fixed at creation. A record's partition is `murmur2(cluster) & 0x7fffffff % partitions`, whatever its key.",
    table(
      ["topic", "what it carries", "key", "record", "partitions", "cleanup", "kept", "written by", "read by"],
      topicDeclarations().map((topic) => [
        `\`${topic.name}\``,
        purpose.get(topic.name) ?? "",
        `\`${topic.key}\``,
        topic.schema === null ? "raw bytes" : `[${topic.schema}](records.md#${topic.schema})`,
        String(topic.partitions),
        topic.cleanup,
        topic.retentionMs < 0 ? "for ever" : `${topic.retentionMs / dayMs} days`,
        topic.writers.join(", "),
        topic.readers.join(", "),
      ]),
    ),
  );
}
