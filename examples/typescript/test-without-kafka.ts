/**
 * The same client on the broker that comes with the package: for tests of what you build on it. Needs no Kafka.
 *
 *     node test-without-kafka.ts
 */
import assert from "node:assert/strict";
import {
  createClient,
  createCodec,
  createEmbeddedBroker,
  embeddedRegistry,
  readHistory,
  topicDeclarations,
} from "carm";

const broker = createEmbeddedBroker();
await broker.createTopics(topicDeclarations());
const codec = await createCodec(embeddedRegistry());
const client = await createClient({ broker, codec });

await client.submitJob("lab", { job: "bert-17", pool: "training", model: "bert-large", workers: 4 });
await client.declareService("lab", {
  service: "chat",
  pool: "inference",
  model: "gpt-neo",
  latencyQuantile: 0.99,
  latencyTargetMs: 250,
  gpus: 4,
});

const events = await readHistory("carm.job-events", { broker, codec, cluster: "lab" });
assert.deepEqual(
  events.map(({ value }) => `${value.subject} ${value.type}`),
  ["bert-17 submitted", "chat service_declared"],
);

// A job that can't be is refused before anything is published, with the field and the limit.
await assert.rejects(
  client.submitJob("lab", {
    job: "bert-18",
    pool: "training",
    model: "bert-large",
    workers: 4,
    minWorkers: 8,
  }),
  /minWorkers is 8; it must be at most requestedWorkers/,
);

console.log(events.map(({ value }) => `${value.subject}: ${value.type}`).join("\n"));
await client.close();
