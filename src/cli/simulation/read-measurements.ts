import type { Broker } from "../../broker/index.ts";
import { readHistory } from "../../client/index.ts";
import type { RecordCodec } from "../../records/index.ts";
import type { PolicyMeasurements } from "../../report/index.ts";
import { Measurements, measuredTopics } from "../demo/measurements.ts";
import type { World } from "./world.ts";

/** What the log of a finished replay says about one of its clusters. */
export async function readMeasurements(
  broker: Broker,
  codec: RecordCodec,
  { scenario, planner }: Pick<World, "scenario" | "planner">,
): Promise<PolicyMeasurements> {
  const measurements = new Measurements(scenario);
  const { cluster } = scenario.cluster;
  for (const topic of measuredTopics) {
    for (const { value } of await readHistory(topic, { broker, codec, cluster }))
      measurements.take(topic, value);
  }
  return measurements.summary(planner);
}
