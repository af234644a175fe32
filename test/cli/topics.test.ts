import { describe, expect, it } from "vitest";
import { topicSettings } from "../../src/broker/index.ts";
import { subjectDifferences, topicDifferences } from "../../src/cli/topics/plan.ts";
import { validateDeclarations } from "../../src/cli/topics/validate.ts";
import { topicDeclaration } from "../../src/records/index.ts";

const declared = topicDeclaration("carm.jobs");
const asDeclared = {
  name: declared.name,
  partitions: declared.partitions,
  settings: topicSettings(declared),
};

describe("a topic", () => {
  it("that is as declared, whatever else is set for it, is left alone", () => {
    const settings = { ...asDeclared.settings, "min.insync.replicas": "2" };
    expect(topicDifferences(declared, { ...asDeclared, settings })).toEqual([]);
  });

  it("that is missing is to be created", () => {
    expect(topicDifferences(declared, undefined)).toMatchObject([{ what: "topic", found: "–" }]);
  });

  it("with another setting is to be changed in that alone", () => {
    const settings = { ...asDeclared.settings, "cleanup.policy": "delete" };
    const [difference, ...others] = topicDifferences(declared, { ...asDeclared, settings });
    expect(difference).toMatchObject({ what: "cleanup.policy", found: "delete", declared: "compact" });
    expect(difference).not.toHaveProperty("refusal");
    expect(others).toEqual([]);
  });

  it.each([declared.partitions - 1, declared.partitions + 1])(
    "with %i partitions is refused",
    (partitions) => {
      const [difference] = topicDifferences(declared, { ...asDeclared, partitions });
      expect(difference).toMatchObject({ what: "partitions", refusal: expect.any(String) });
    },
  );
});

describe("a subject of the registry", () => {
  const schema = { schemaText: '{"type":"int"}', compatibility: "BACKWARD_TRANSITIVE" };
  const found = { ...schema, incompatibilities: [] };

  it("whose text differs in white space alone is as declared", () => {
    expect(subjectDifferences("s", schema, { ...found, schemaText: '{ "type": "int" }' })).toEqual([]);
  });

  it("that is compatible with a changed schema gets it", () => {
    const [difference] = subjectDifferences("s", schema, { ...found, schemaText: '{"type":"long"}' });
    expect(difference).toMatchObject({ what: "schema" });
    expect(difference).not.toHaveProperty("refusal");
  });

  it("that is not compatible refuses it, with every difference", () => {
    const older = { ...found, schemaText: '{"type":"long"}', incompatibilities: ["one", "two"] };
    expect(subjectDifferences("s", schema, older)).toMatchObject([{ what: "schema", refusal: "one; two" }]);
  });
});

it("the declarations that come with CA-RM are valid", () => {
  expect(() => validateDeclarations()).not.toThrow();
});
