import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { generateRecords } from "../../scripts/generate-records.ts";
import { avroType } from "../../src/records/avro.ts";
import { recordKey, recordTopics, topicDeclaration, topicDeclarations } from "../../src/records/index.ts";
import { recordSchemaText } from "../../src/records/topics.ts";
import { samples } from "./samples.ts";

const root = new URL("../../", import.meta.url);

/** Avro type at the end of a path of field names, or undefined. */
function typeAt(schemaText: string, path: readonly string[]): string | undefined {
  let schema = JSON.parse(schemaText);
  for (const field of path) {
    schema = schema.fields?.find((candidate: { name: string }) => candidate.name === field)?.type;
    while (schema?.type !== undefined && schema.type !== "record" && schema.type !== "enum")
      schema = schema.type;
    if (schema === undefined) return undefined;
  }
  return typeof schema === "string" ? schema : schema.type;
}

describe("topics and schemas", () => {
  it("have types that are generated from them as they are now", () => {
    const committed = readFileSync(new URL("src/records/records.generated.ts", root), "utf8");
    expect(committed === generateRecords(), "run `npm run generate` and commit the result").toBe(true);
  });

  it("leave no schema without a topic and no topic without its schema", () => {
    const schemas = readdirSync(new URL("schemas/", root)).filter((file) => file.endsWith(".avsc"));
    const used = topicDeclarations().flatMap(({ schema }) => (schema === null ? [] : [`${schema}.avsc`]));
    expect(new Set(used)).toEqual(new Set(schemas));
  });

  it.each(recordTopics())("%s has a valid schema whose records say their cluster and time", (topic) => {
    const schemaText = recordSchemaText(topic);
    expect(avroType(schemaText).name).toMatch(/^carm\.v1\./);
    expect(typeAt(schemaText, ["cluster"])).toBe("string");
    expect(typeAt(schemaText, ["observedAt"])).toBe("long");
  });

  it.each(recordTopics())("%s has a key of fields that exist and can't be null", (topic) => {
    for (const path of topicDeclaration(topic).keyPaths) {
      expect(["string", "enum", "long", "int"], path.join(".")).toContain(
        typeAt(recordSchemaText(topic), path),
      );
    }
  });

  it("share a number of partitions, as a task reads the same partition of all inputs", () => {
    expect(new Set(topicDeclarations().map(({ partitions }) => partitions)).size).toBe(1);
  });

  it("that are compacted keep records for ever; the others do not", () => {
    for (const { name, cleanup, retentionMs } of topicDeclarations()) {
      expect(retentionMs === -1, name).toBe(cleanup === "compact");
    }
  });

  it("have names equal to their files' names", () => {
    const files = readdirSync(new URL("topics/", root)).map((file) => `carm.${file.replace(/\.yaml$/, "")}`);
    expect(new Set(topicDeclarations().map(({ name }) => name))).toEqual(new Set(files));
  });

  it("that are not declared are unknown", () => {
    expect(() => topicDeclaration("carm.nothing")).toThrow(
      expect.objectContaining({ code: "ERR_TOPIC_UNKNOWN" }),
    );
  });
});

describe("a record's key", () => {
  it("is the cluster, or the cluster and what compaction tells apart", () => {
    expect(recordKey("carm.gpu-telemetry", samples["carm.gpu-telemetry"])).toBe("lab");
    expect(recordKey("carm.decisions", samples["carm.decisions"])).toBe("lab/job/job-17");
    expect(recordKey("carm.jobs", samples["carm.jobs"])).toBe("lab/job-17");
    expect(recordKey("carm.profiles", samples["carm.profiles"])).toBe("lab/rtx-4090/resnet50");
    expect(recordKey("carm.ledger", samples["carm.ledger"])).toBe(
      `lab/service/chat/${samples["carm.ledger"].startsAt}`,
    );
  });
});
