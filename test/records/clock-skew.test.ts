import { describe, expect, it } from "vitest";
import { checkClockSkew, clockSkewLimits, type TopicName } from "../../src/records/index.ts";

const appendedAt = Date.UTC(2025, 2, 1, 12);
const HOUR_MS = 3_600_000;
const skew = expect.objectContaining({ name: "CarmError", code: "ERR_RECORD_CLOCK_SKEW" });
const arriving = (topic: TopicName, aheadMs: number) => () =>
  checkClockSkew(topic, appendedAt + aheadMs, appendedAt);

const live = ["carm.gpu-telemetry", "carm.request-rate", "carm.actuations", "carm.job-events"] as const;
const replayed = ["carm.grid-intensity", "carm.clusters", "carm.policies", "carm.profiles"] as const;

describe("clock skew", () => {
  it.each([...live, ...replayed])("is found in %s from an hour in the future", (topic) => {
    expect(arriving(topic, HOUR_MS)).toThrow(skew);
    expect(arriving(topic, clockSkewLimits.maxAheadMs + 1)).toThrow("300001 ms after the append time");
    expect(arriving(topic, clockSkewLimits.maxAheadMs)).not.toThrow();
  });

  it.each(live)("is found in %s from an hour in the past", (topic) => {
    expect(arriving(topic, -HOUR_MS)).toThrow(skew);
    expect(arriving(topic, -HOUR_MS + 1)).not.toThrow();
  });

  it.each(replayed)("is not found in old records of %s, which may be history", (topic) => {
    expect(arriving(topic, -10_000 * HOUR_MS)).not.toThrow();
  });

  it("is no matter of records that the processor itself writes", () => {
    expect(arriving("carm.ledger", 10_000 * HOUR_MS)).not.toThrow();
    expect(arriving("carm.ticks", -10_000 * HOUR_MS)).not.toThrow();
  });
});
