/**
 * A million records on a real broker, a tenth of them bad, every one accounted for: `npm run test:accounting`. The broker
 * must be a fresh one; without KAFKA_BROKERS one is started.
 */
import { parseArgs } from "node:util";
import { openBrokers } from "../../scripts/kafka/brokers.ts";
import { createKafkaBroker } from "../../src/broker/index.ts";
import { createCodec, embeddedRegistry, httpRegistry, topicDeclarations } from "../../src/records/index.ts";
import { account } from "../stream/accounting.ts";

const partitions = 4;
const say = (line: string) => process.stderr.write(`${line}\n`);

const { values } = parseArgs({ options: { records: { type: "string", default: "1000000" } } });
const brokers = await openBrokers(say);
if (brokers === undefined) throw new Error("Set KAFKA_BROKERS, or install Docker, or a JDK and Maven.");
try {
  const broker = await createKafkaBroker({ brokers: brokers.kafkaBrokers.split(",") });
  await broker.createTopics(topicDeclarations().map((topic) => ({ ...topic, partitions })));
  const registry = brokers.registryUrl ? httpRegistry({ url: brokers.registryUrl }) : embeddedRegistry();
  const startedAt = performance.now();
  const result = await account({ broker, codec: await createCodec(registry) }, Number(values.records), say);
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  process.stdout.write(
    `${JSON.stringify(result, null, 2)}\nEvery record is accounted for, in ${seconds} s.\n`,
  );
  await broker.close();
} finally {
  await brokers.stop();
}
