import { describe, inject } from "vitest";
import { createKafkaBroker } from "../../src/broker/index.ts";
import { describeBroker } from "../broker/conformance.ts";

const kafkaBrokers = inject("kafkaBrokers");

describe.skipIf(kafkaBrokers === null)("on Kafka", () => {
  describeBroker("the kafka adapter", () => createKafkaBroker({ brokers: kafkaBrokers!.split(",") }));
});
