import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Broker, createEmbeddedBroker } from "../../src/broker/index.ts";
import { runPolicy } from "../../src/cli/demo/run-policy.ts";
import { createLogger } from "../../src/cli/runtime/logger.ts";
import { runProcessor } from "../../src/cli/runtime/run-processor.ts";
import { readMeasurements } from "../../src/cli/simulation/read-measurements.ts";
import { prepareLog, replay } from "../../src/cli/simulation/replay.ts";
import { runSimulatedAgents } from "../../src/cli/simulation/simulated-agents.ts";
import { SimulatorClient } from "../../src/cli/simulation/simulator-client.ts";
import { createWorlds, type World } from "../../src/cli/simulation/world.ts";
import { profileLibrary } from "../../src/profiles/index.ts";
import { createCodec, embeddedRegistry, type RecordCodec } from "../../src/records/index.ts";
import { buildScenario, type Scenario } from "../../src/simulate/index.ts";
import { typicalTraces } from "../../src/sources/index.ts";

const log = createLogger("silent", process.stderr);
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "carm-replay-"));
});

afterEach(() => rm(folder, { recursive: true }));

/** Eight GPUs for five hours. */
function smallScenario(): Promise<Scenario> {
  const options = {
    zone: "DE",
    days: 5 / 24,
    gpus: 8,
    load: "low",
    slack: 2,
    seed: 1,
    modelError: 1,
  } as const;
  const startsAt = Date.UTC(2023, 5, 5);
  return buildScenario({ ...options, startsAt, onSite: null }, typicalTraces(1), profileLibrary);
}

/** Everything that would be separate processes, each with its own connections to one log. */
async function runApart(broker: Broker, codec: RecordCodec, worlds: readonly World[]): Promise<void> {
  const ending = new AbortController();
  const shared = { broker, codec, log, limits: {}, stateFolder: folder, signal: ending.signal };
  await prepareLog(broker, 3);
  const processing = runProcessor({ ...shared, logIdentity: "test", simulatedTime: true });
  const agents: Promise<void>[] = [];
  await replay({
    ...shared,
    worlds,
    host: "127.0.0.1",
    port: 0,
    speed: Number.POSITIVE_INFINITY,
    waits: true,
    onListening: (port) => {
      for (const role of ["node", "scheduler"] as const) {
        const joined = SimulatorClient.connect({ host: "127.0.0.1", port }, log, ending.signal);
        agents.push(
          joined.then((simulator) =>
            runSimulatedAgents({ ...shared, simulator: simulator!, request: { role } }),
          ),
        );
      }
    },
  });
  await Promise.all(agents);
  ending.abort();
  await processing;
}

describe("a replay with its processor and agents apart", () => {
  it("gives every policy the figures that the demo gives it in one process", async () => {
    const scenario = await smallScenario();
    const broker = createEmbeddedBroker();
    const codec = await createCodec(embeddedRegistry());
    const worlds = createWorlds(scenario, ["ca-rm", "max"]);
    await runApart(broker, codec, worlds);
    for (const world of worlds) {
      const apart = await readMeasurements(broker, codec, world);
      const stateFolder = join(folder, `whole-${world.planner}`);
      const whole = await runPolicy({ scenario, planner: world.planner, stateFolder, onProgress: () => {} });
      expect(Math.abs(apart.kgCo2 / whole.kgCo2 - 1)).toBeLessThan(0.01);
      expect(Math.abs(apart.kwh / whole.kwh - 1)).toBeLessThan(0.01);
      expect(apart.jobs.map(({ job, finishedAt }) => [job, finishedAt])).toEqual(
        whole.jobs.map(({ job, finishedAt }) => [job, finishedAt]),
      );
      for (const [i, service] of apart.services.entries()) {
        const { requests, requestsOverTarget } = whole.services[i]!;
        expect(service.requests).toBe(requests);
        // Samples reach the processor one step later, so a guard may act a step later once in a while.
        expect(Math.abs(service.requestsOverTarget - requestsOverTarget)).toBeLessThan(
          0.01 * requestsOverTarget + 2,
        );
      }
      expect(apart.clockChanges / whole.clockChanges).toBeCloseTo(1, 1);
    }
  });

  it("refuses a log that holds time already", async () => {
    const broker = createEmbeddedBroker();
    await prepareLog(broker, 1);
    const producer = await broker.producer();
    await producer.send([
      { topic: "carm.ticks", partition: 0, key: null, value: new Uint8Array(), timestamp: 1 },
    ]);
    await expect(prepareLog(broker, 1)).rejects.toThrow(/already holds time/);
  });
});
