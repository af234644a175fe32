import type { TestProject } from "vitest/node";
import { openBrokers } from "../../scripts/kafka/brokers.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** null if there is no broker: tests are skipped then. */
    kafkaBrokers: string | null;
    registryUrl: string | null;
  }
}

/** One broker and registry for all files. Without one the tests are skipped, but in CI that is a failure. */
export default async function setup(project: TestProject) {
  const log = (line: string) => process.stderr.write(`${line}\n`);
  const brokers = await openBrokers(log);
  if (brokers === undefined && process.env["CI"] === "true") {
    throw new Error("CI needs a broker: set KAFKA_BROKERS, or install Docker, or a JDK and Maven.");
  }
  log(brokers === undefined ? "No broker: tests are skipped." : `Broker from ${brokers.origin}.`);
  project.provide("kafkaBrokers", brokers?.kafkaBrokers ?? null);
  project.provide("registryUrl", brokers?.registryUrl ?? null);
  return () => brokers?.stop();
}
