import { Kafka, logLevel } from "kafkajs";
import { expect, inject, it } from "vitest";

const kafkaBrokers = inject("kafkaBrokers");
const registryUrl = inject("registryUrl");

it.skipIf(kafkaBrokers === null)("a broker for the tests answers", async () => {
  const admin = new Kafka({ brokers: kafkaBrokers!.split(","), logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  expect((await admin.describeCluster()).brokers.length).toBeGreaterThan(0);
  await admin.disconnect();
});

it.skipIf(registryUrl === null)("a schema registry for the tests answers", async () => {
  expect(await (await fetch(`${registryUrl}/subjects`)).json()).toBeInstanceOf(Array);
});
