import type { KafkaBroker } from "../../broker/index.ts";
import {
  compatibilityLevel,
  type HttpRegistry,
  recordSchemaText,
  type TopicName,
  topicDeclarations,
} from "../../records/index.ts";
import { type Difference, subjectDifferences, topicDifferences } from "./plan.ts";

/** Everything in Kafka and the registry that is not as topics/ and schemas/ say. */
export async function compare(broker: KafkaBroker, registry: HttpRegistry): Promise<Difference[]> {
  const declarations = topicDeclarations();
  const found = await broker.describeTopics(declarations.map(({ name }) => name));
  const differences = declarations.flatMap((declared) =>
    topicDifferences(
      declared,
      found.find(({ name }) => name === declared.name),
    ),
  );
  for (const { name, schema } of declarations) {
    if (schema !== null) differences.push(...(await compareSubject(registry, name as TopicName)));
  }
  return differences;
}

async function compareSubject(registry: HttpRegistry, topic: TopicName): Promise<Difference[]> {
  const subject = subjectOf(topic);
  const declared = { schemaText: recordSchemaText(topic), compatibility: compatibilityLevel };
  const schemaText = await registry.latest(subject);
  const compatibility = await registry.compatibility(subject);
  return subjectDifferences(subject, declared, {
    schemaText,
    compatibility,
    incompatibilities: await registry.incompatibilities(subject, declared.schemaText),
  });
}

/** Makes Kafka and the registry as declared. Only for differences none of which is refused. */
export async function apply(
  broker: KafkaBroker,
  registry: HttpRegistry,
  differences: readonly Difference[],
): Promise<void> {
  const declarations = topicDeclarations();
  await broker.createTopics(
    declarations.filter(({ name }) => differences.some((one) => one.name === name && one.what === "topic")),
  );
  for (const { name, schema } of declarations) {
    const settings = differences.filter((one) => one.name === name && one.what !== "topic");
    if (settings.length > 0) {
      await broker.alterTopic(
        name,
        Object.fromEntries(settings.map(({ what, declared }) => [what, declared])),
      );
    }
    if (schema === null) continue;
    const subject = subjectOf(name);
    if (differences.some((one) => one.name === subject)) {
      await registry.register(subject, recordSchemaText(name as TopicName));
      await registry.setCompatibility(subject, compatibilityLevel);
    }
  }
}

function subjectOf(topic: string): string {
  return `${topic}-value`;
}
