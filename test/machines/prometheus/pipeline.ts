import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Broker, createEmbeddedBroker } from "../../../src/broker/index.ts";
import { type HealthServer, serveHealth } from "../../../src/cli/runtime/health.ts";
import { createLogger } from "../../../src/cli/runtime/logger.ts";
import { metricsPage } from "../../../src/cli/runtime/metrics-page.ts";
import { runProcessor } from "../../../src/cli/runtime/run-processor.ts";
import { prepareLog, replay } from "../../../src/cli/simulation/replay.ts";
import { runSimulatedAgents } from "../../../src/cli/simulation/simulated-agents.ts";
import { SimulatorClient } from "../../../src/cli/simulation/simulator-client.ts";
import { createWorlds } from "../../../src/cli/simulation/world.ts";
import { createRegistry, LogFollower, observedFleet, observeStream } from "../../../src/observe/index.ts";
import { profileLibrary } from "../../../src/profiles/index.ts";
import { createCodec, embeddedRegistry, type RecordCodec } from "../../../src/records/index.ts";
import { buildScenario } from "../../../src/simulate/index.ts";
import { typicalTraces } from "../../../src/sources/index.ts";

/** A day and a bit: forecasts for a day ahead have met their hours. */
const DAYS = 27 / 24;
/** Simulated seconds a second: slow enough for a Prometheus that scrapes every second to see rates. */
const SPEED = 3000;
const log = createLogger("silent", process.stderr);

/** Replay, processor, agents and `carm observe` on one embedded log, with their metrics on ports of their own. */
export class Pipeline {
  readonly broker: Broker;
  readonly ports: { readonly processor: number; readonly observe: number };
  /** Resolves once the replay has come to its end; everything else goes on. */
  readonly replayed: Promise<void>;
  readonly #stop: () => Promise<void>;

  private constructor(
    broker: Broker,
    ports: Pipeline["ports"],
    replayed: Promise<void>,
    stop: () => Promise<void>,
  ) {
    this.broker = broker;
    this.ports = ports;
    this.replayed = replayed;
    this.#stop = stop;
  }

  static async start(): Promise<Pipeline> {
    const folder = await mkdtemp(join(tmpdir(), "carm-pipeline-"));
    const broker = createEmbeddedBroker();
    const codec = await createCodec(embeddedRegistry());
    await prepareLog(broker, 3);
    const ending = new AbortController();
    const shared = { broker, codec, log, limits: {}, stateFolder: folder, signal: ending.signal };

    const processorRegistry = createRegistry();
    const processing = runProcessor({
      ...shared,
      logIdentity: "test",
      simulatedTime: true,
      onWorker: ({ metrics }) => observeStream(processorRegistry, metrics),
    });
    const observeRegistry = createRegistry();
    const view = observedFleet(observeRegistry);
    const following = (await LogFollower.open({ broker, codec, view })).run(ending.signal);
    const servers = [await serve(processorRegistry), await serve(observeRegistry)] as const;

    const replayed = replayDay(shared);
    const ports = { processor: servers[0].port, observe: servers[1].port };
    return new Pipeline(broker, ports, replayed, async () => {
      ending.abort();
      await Promise.all([replayed, processing, following, ...servers.map((server) => server.close())]);
      await rm(folder, { recursive: true, force: true });
    });
  }

  stop(): Promise<void> {
    return this.#stop();
  }
}

function serve(registry: ReturnType<typeof createRegistry>): Promise<HealthServer> {
  return serveHealth({ host: "127.0.0.1", port: 0, notReady: () => [], pages: metricsPage(registry) });
}

async function replayDay(shared: {
  readonly broker: Broker;
  readonly codec: RecordCodec;
  readonly log: typeof log;
  readonly limits: object;
  readonly stateFolder: string;
  readonly signal: AbortSignal;
}): Promise<void> {
  const options = {
    zone: "DE",
    days: DAYS,
    gpus: 16,
    load: "low",
    slack: 2,
    seed: 1,
    modelError: 1,
  } as const;
  const startsAt = Date.UTC(2023, 5, 5);
  const scenario = await buildScenario(
    { ...options, startsAt, onSite: null },
    typicalTraces(1),
    profileLibrary,
  );
  const agents: Promise<void>[] = [];
  await replay({
    ...shared,
    worlds: createWorlds(scenario, ["ca-rm"]),
    host: "127.0.0.1",
    port: 0,
    speed: SPEED,
    waits: true,
    onListening: (port) => {
      for (const role of ["node", "scheduler"] as const) {
        const joined = SimulatorClient.connect({ host: "127.0.0.1", port }, log, shared.signal);
        agents.push(
          joined.then((simulator) =>
            runSimulatedAgents({ ...shared, simulator: simulator!, request: { role } }),
          ),
        );
      }
    },
  });
  await Promise.all(agents);
}
