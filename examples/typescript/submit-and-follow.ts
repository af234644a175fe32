/**
 * Submits a training job, then follows what is decided about it and what becomes of it.
 *
 *     KAFKA_BROKERS=… SCHEMA_REGISTRY_URL=… node submit-and-follow.ts lab bert-17
 */
import { connect } from "carm";

const [cluster = "lab", job = "bert-17"] = process.argv.slice(2);

const client = await connect({
  brokers: (process.env["KAFKA_BROKERS"] ?? "127.0.0.1:9092").split(","),
  schemaRegistry: process.env["SCHEMA_REGISTRY_URL"] ?? "http://127.0.0.1:8081",
});

await client.submitJob(cluster, {
  job,
  pool: "training",
  model: "bert-large",
  workers: 4,
  samples: 2e6,
  deadlineAt: Date.now() + 36 * 3_600_000,
  pausable: true,
});

const leaving = new AbortController();
process.once("SIGINT", () => leaving.abort());

for await (const { job: id, state, why, gco2 } of client.watchJobs(cluster, {
  from: "beginning",
  signal: leaving.signal,
})) {
  if (id !== job) continue;
  console.log(`${id} is ${state}: ${why} (${gco2.toFixed(0)} gCO2 so far)`);
  if (state === "finished" || state === "failed" || state === "cancelled") break;
}
await client.close();
