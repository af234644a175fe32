import {
  avroType,
  CarmError,
  recordSchemaText,
  type TopicName,
  topicDeclarations,
} from "../../records/index.ts";

/** Throws ERR_OPTION_INVALID, with the file, for the first declaration that can't be right. */
export function validateDeclarations(): void {
  const declarations = topicDeclarations();
  const partitions = declarations[0]?.partitions;
  for (const { name, schema, keyPaths, partitions: own } of declarations) {
    const file = `topics/${name.replace("carm.", "")}.yaml`;
    if (own !== partitions) {
      throw new CarmError(
        "ERR_OPTION_INVALID",
        `${file} has ${own} partitions, others ${partitions}; a task reads the same partition of all topics.`,
      );
    }
    if (schema === null) continue;
    const schemaText = recordSchemaText(name as TopicName);
    try {
      avroType(schemaText);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new CarmError("ERR_OPTION_INVALID", `schemas/${schema}.avsc is no Avro schema: ${reason}`, {
        cause,
      });
    }
    const fields = (JSON.parse(schemaText) as { fields: { name: string }[] }).fields.map(
      (field) => field.name,
    );
    for (const [first] of keyPaths) {
      if (fields.includes(first!)) continue;
      throw new CarmError("ERR_OPTION_INVALID", `${file} has a key of ${first}, which ${schema}.avsc lacks.`);
    }
  }
}
