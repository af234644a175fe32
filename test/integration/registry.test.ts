import { describe, expect, inject, it } from "vitest";
import { createCodec, httpRegistry } from "../../src/records/index.ts";
import { samples } from "../records/samples.ts";

const registryUrl = inject("registryUrl");
const run = Date.now().toString(36);

describe.skipIf(registryUrl === null)("a real schema registry", () => {
  const registry = httpRegistry({ url: registryUrl ?? "http://127.0.0.1" });
  const record = (fields: object[]) => JSON.stringify({ type: "record", name: "R", fields });
  const a = { name: "a", type: "string" };

  it("lets another process read what this one wrote", async () => {
    const writer = await createCodec(registry);
    const reader = await createCodec(httpRegistry({ url: registryUrl! }));
    const sample = samples["carm.job-events"];
    expect(reader.decode("carm.job-events", writer.encode("carm.job-events", sample))).toEqual(sample);
  });

  it("gives a record of a newer writer's schema to an older reader", async () => {
    const codec = await createCodec(registry);
    const bytes = Buffer.from(codec.encode("carm.ticks", samples["carm.ticks"]));
    const own = JSON.parse(await registry.schema(bytes.readUInt32BE(1)));
    const newer = { ...own, fields: [...own.fields, { name: "added", type: "int", default: 0 }] };
    // An int of value 7 in Avro is the byte 14.
    const written = Buffer.concat([bytes, Buffer.from([14])]);
    written.writeUInt32BE(await registry.register(`newer-${run}`, JSON.stringify(newer)), 1);
    expect(() => codec.decode("carm.ticks", written)).toThrow(
      expect.objectContaining({ code: "ERR_RECORD_SCHEMA_UNKNOWN" }),
    );
    await codec.learn("carm.ticks", written);
    expect(codec.decode("carm.ticks", written)).toEqual(samples["carm.ticks"]);
  });

  it("has no schema for an id of nobody's, which is the record's fault and not an outage", async () => {
    const codec = await createCodec(registry);
    const bytes = Buffer.from(codec.encode("carm.ticks", samples["carm.ticks"]));
    bytes.writeUInt32BE(2_000_000_000, 1);
    await expect(codec.learn("carm.ticks", bytes)).rejects.toMatchObject({
      code: "ERR_RECORD_SCHEMA_UNKNOWN",
    });
  });

  it("refuses what older records can't be read with, once that is asked of it", async () => {
    const subject = `evolving-${run}`;
    await registry.register(subject, record([a]));
    await registry.setCompatibility(subject, "BACKWARD_TRANSITIVE");
    expect(await registry.compatibility(subject)).toBe("BACKWARD_TRANSITIVE");
    const withoutDefault = record([a, { name: "b", type: "int" }]);
    expect((await registry.incompatibilities(subject, withoutDefault)).join()).toContain("b");
    await expect(registry.register(subject, withoutDefault)).rejects.toMatchObject({
      code: "ERR_SCHEMA_INCOMPATIBLE",
    });
    const withDefault = record([a, { name: "b", type: "int", default: 0 }]);
    expect(await registry.incompatibilities(subject, withDefault)).toEqual([]);
    await registry.register(subject, withDefault);
    expect(JSON.parse((await registry.latest(subject))!)).toEqual(JSON.parse(withDefault));
  });

  it("that is gone is said so by address", async () => {
    await expect(createCodec(httpRegistry({ url: "http://127.0.0.1:1" }))).rejects.toMatchObject({
      code: "ERR_REGISTRY_UNREACHABLE",
      message: expect.stringContaining("127.0.0.1:1"),
    });
  });
});
