import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Measurements } from "../../src/cli/demo/measurements.ts";
import { runPolicy } from "../../src/cli/demo/run-policy.ts";
import { replayedRecords } from "../../src/cli/evaluate/run-task.ts";
import { findPlanner } from "../../src/planners/index.ts";
import { profileLibrary } from "../../src/profiles/index.ts";
import type { TopicName } from "../../src/records/index.ts";
import type { PolicyMeasurements } from "../../src/report/index.ts";
import { buildScenario, runFast } from "../../src/simulate/index.ts";
import { typicalTraces } from "../../src/sources/index.ts";

/**
 * What both ways must say alike: all but the clocks over time (telemetry is not told on the fast path) and the published
 * forecasts, which are 32-bit numbers on the log.
 */
function figures(run: PolicyMeasurements) {
  const { trainingClockMhz: _, dayAhead: __, ...rest } = run;
  return { ...rest, services: rest.services.map(({ clockMhz: ___, ...service }) => service) };
}

it.each(["ca-rm", "energy-cost"])(
  "the fast path books the same as a run on the broker: %s",
  async (planner) => {
    const scenario = await buildScenario(
      {
        zone: "DE",
        startsAt: Date.UTC(2023, 5, 5),
        days: 0.5,
        gpus: 16,
        load: "high",
        slack: 1.5,
        seed: 3,
        modelError: 1,
        onSite: { kind: "both", share: 0.5 },
      },
      typicalTraces(3),
      profileLibrary,
    );
    const folder = await mkdtemp(join(tmpdir(), "carm-fast-"));
    try {
      const full = await runPolicy({ scenario, planner, stateFolder: folder, onProgress: () => undefined });
      const fast = new Measurements(scenario);
      const onRecord = (topic: TopicName, value: never) => fast.take(topic, value);
      await runFast({
        scenario,
        planner: findPlanner(planner),
        replayed: replayedRecords(scenario, planner),
        onRecord,
      });
      expect(full.kgCo2).toBeGreaterThan(0);
      expect(full.jobs.some((job) => job.finishedAt !== null)).toBe(true);
      expect(figures(fast.summary(planner))).toEqual(figures(full));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);
