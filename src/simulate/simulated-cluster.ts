import type { GpuActuator, SchedulerActuator } from "../agent/actuators/actuator.ts";
import { assert, CarmError, type RequestRate, type SubjectKind } from "../records/index.ts";
import { createFaults, type Faults } from "./faults.ts";
import { SimulatedGpu } from "./gpu.ts";
import { SimulatedJob } from "./job.ts";
import { latencyTableOf } from "./latency-table.ts";
import { createModelTruth, type ModelTruth } from "./model-truth.ts";
import { physics } from "./physics.ts";
import type { Scenario } from "./scenario.ts";
import { TrainingScheduler } from "./scheduler.ts";
import { SimulatedService } from "./service.ts";

export const GPUS_PER_NODE = 4;
const MILLIJOULES_PER_KWH = 3.6e9;

/** A cluster with its own physics, seen through the ports that agents use on real machines. */
export interface SimulatedCluster {
  readonly nodes: readonly string[];
  readonly scheduler: SchedulerActuator;
  readonly nowMs: number;
  /** Changes whenever a GPU got another tenant, was lost or came back, or a job crashed. */
  readonly revision: number;
  /** The GPUs of one node. */
  node(name: string): GpuActuator;
  /** Name of the pool that a node belongs to. */
  poolOf(node: string): string;
  /** Lets simulated time pass up to `nowMs`. Time only rises. */
  advanceTo(nowMs: number): void;
  /** The services' own metrics: every window that ended since the last call, by start, then by service. */
  takeRequestWindows(): RequestRate[];
  /** What was really drawn, for checks of the accounting alone; nothing else may read it. */
  truthTotals(): SubjectEnergy[];
}

export interface SubjectEnergy {
  readonly subjectKind: SubjectKind;
  /** Empty for GPUs without a tenant. */
  readonly subject: string;
  readonly energyKwh: number;
}

export function createSimulatedCluster(scenario: Scenario): SimulatedCluster {
  return new EventSteppedCluster(scenario);
}

class EventSteppedCluster implements SimulatedCluster {
  readonly nodes: readonly string[];
  readonly scheduler: SchedulerActuator;
  readonly #gpusByNode: ReadonlyMap<string, readonly SimulatedGpu[]>;
  readonly #gpus: readonly SimulatedGpu[];
  readonly #jobs: readonly SimulatedJob[];
  readonly #services: readonly SimulatedService[];
  readonly #trainingScheduler: TrainingScheduler;
  #idleMillijoules = 0;
  #now: number;

  constructor(scenario: Scenario) {
    const { seed, modelError } = scenario.options;
    const faults = createFaults(seed, modelError, scenario.startsAt, scenario.endsAt);
    const truths = new Map(
      scenario.profiles.map((profile) => [
        `${profile.gpu.model}/${profile.model}`,
        createModelTruth(profile, seed, modelError),
      ]),
    );
    this.#now = scenario.startsAt;
    this.#gpus = createGpus(scenario, faults);
    this.#gpusByNode = Map.groupBy(this.#gpus, (gpu) => gpu.node);
    this.nodes = [...this.#gpusByNode.keys()];
    this.#services = createServices(scenario, this.#gpus, truths);
    this.#jobs = scenario.jobs.map(
      (job) => new SimulatedJob(job, truthOf(scenario, truths, job.spec), faults.jobCrashes(job.id)),
    );
    this.#trainingScheduler = new TrainingScheduler(this.#jobs, this.#gpus);
    this.scheduler = {
      observe: async () => [
        ...this.#services.map(({ scenario: { id, spec } }) => ({
          id,
          phase: "serving" as const,
          job: null,
          service: spec,
          progress: null,
          detail: "",
        })),
        ...this.#trainingScheduler.observe(this.#now),
      ],
      run: async (job, workers) => this.#trainingScheduler.run(this.#now, job, workers),
      pause: async (job) => this.#trainingScheduler.pause(this.#now, job),
    };
    this.#settle();
  }

  get nowMs(): number {
    return this.#now;
  }

  get revision(): number {
    let changes = 0;
    for (const gpu of this.#gpus) changes += gpu.losses;
    for (const job of this.#jobs) changes += job.changes;
    return changes;
  }

  node(name: string): GpuActuator {
    const gpus = this.#gpusOf(name);
    const gpu = (uuid: string) => {
      const found = gpus.find((candidate) => candidate.uuid === uuid);
      if (found === undefined) {
        throw new CarmError("ERR_ACTUATOR_FAILED", `Node ${name} has no GPU ${uuid}.`);
      }
      return found;
    };
    return {
      observe: async () => gpus.map((candidate) => candidate.observe(this.#now)),
      lockSmClock: async (uuid, smClockMhz) => gpu(uuid).lockSmClock(this.#now, smClockMhz),
      resetSmClock: async (uuid) => gpu(uuid).lockSmClock(this.#now, null),
    };
  }

  poolOf(node: string): string {
    return this.#gpusOf(node)[0]!.pool;
  }

  advanceTo(nowMs: number): void {
    assert(nowMs >= this.#now, "Simulated time only rises.");
    while (this.#now < nowMs) {
      const grid = (Math.floor(this.#now / physics.stepMs) + 1) * physics.stepMs;
      let until = Math.min(nowMs, grid);
      for (const gpu of this.#gpus) until = Math.min(until, gpu.switchAt);
      for (const job of this.#jobs) until = Math.min(until, job.nextEventAt(this.#now));
      this.#step(until);
    }
  }

  takeRequestWindows(): RequestRate[] {
    return this.#services
      .flatMap((service) => service.takeWindows())
      .sort((a, b) => a.startsAt - b.startsAt || (a.service < b.service ? -1 : 1));
  }

  truthTotals(): SubjectEnergy[] {
    const subjects = [
      ...this.#jobs.map((job) => ["job", job.scenario.id, job.energyMillijoules] as const),
      ...this.#services.map(
        (service) => ["service", service.scenario.id, service.energyMillijoules] as const,
      ),
      ["idle", "", this.#idleMillijoules] as const,
    ];
    return subjects.map(([subjectKind, subject, millijoules]) => ({
      subjectKind,
      subject,
      energyKwh: millijoules / MILLIJOULES_PER_KWH,
    }));
  }

  /** One step without an event inside: everything keeps its state from now to `until`. */
  #step(until: number): void {
    const from = this.#now;
    const duration = until - from;
    for (const service of this.#services) {
      service.advance(from, until);
      for (const [index, gpu] of service.gpus.entries()) {
        service.energyMillijoules += gpu.advance(duration, service.truth, service.busyShare(index));
      }
    }
    for (const job of this.#jobs) {
      for (const gpu of job.boards) {
        job.energyMillijoules += gpu.advance(duration, job.truth, job.busyShare(gpu, from));
      }
      job.advance(from, until);
    }
    for (const gpu of this.#gpus) {
      if (gpu.tenant === null) this.#idleMillijoules += gpu.advance(duration, null, 0);
    }
    this.#now = until;
    this.#settle();
  }

  #settle(): void {
    for (const gpu of this.#gpus) gpu.settle(this.#now);
    for (const job of this.#jobs) job.settle(this.#now);
    this.#trainingScheduler.replaceLost(this.#now);
  }

  #gpusOf(node: string): readonly SimulatedGpu[] {
    const gpus = this.#gpusByNode.get(node);
    if (gpus === undefined) throw new CarmError("ERR_ACTUATOR_FAILED", `There is no node ${node}.`);
    return gpus;
  }
}

/** Nodes of four boards, pool by pool; the last node of a pool may have fewer. */
function createGpus(scenario: Scenario, faults: Faults): SimulatedGpu[] {
  const { seed, modelError } = scenario.options;
  const gpus: SimulatedGpu[] = [];
  let nodes = 0;
  for (const pool of scenario.cluster.pools) {
    const gpu = scenario.profiles.find((profile) => profile.gpu.model === pool.gpuModel)?.gpu;
    assert(gpu !== undefined, `The scenario has no profile on ${pool.gpuModel}.`);
    for (let i = 0; i < pool.gpus; i += 1) {
      if (i % GPUS_PER_NODE === 0) nodes += 1;
      const number = String(nodes).padStart(2, "0");
      gpus.push(
        new SimulatedGpu({
          uuid: `GPU-sim-${number}-${i % GPUS_PER_NODE}`,
          node: `gpu-node-${number}`,
          pool: pool.name,
          gpu,
          seed,
          modelError,
          faults,
        }),
      );
    }
  }
  return gpus;
}

/** Each service takes the first boards of its pool that no other has. */
function createServices(
  scenario: Scenario,
  gpus: readonly SimulatedGpu[],
  truths: ReadonlyMap<string, ModelTruth>,
): SimulatedService[] {
  const { seed, modelError } = scenario.options;
  return scenario.services.map((service) => {
    const truth = truthOf(scenario, truths, service.spec);
    assert(truth.profile.batching !== null, `${service.spec.model} has no batching figures.`);
    const boards = gpus
      .filter((gpu) => gpu.pool === service.spec.pool && gpu.tenant === null)
      .slice(0, service.spec.gpus);
    assert(boards.length === service.spec.gpus, `Pool ${service.spec.pool} is too small for its services.`);
    for (const gpu of boards) gpu.tenant = { kind: "service", id: service.id, share: 1 };
    return new SimulatedService(service, boards, truth, latencyTableOf(truth.profile.batching, modelError), {
      cluster: scenario.cluster.cluster,
      seed,
      modelError,
      startsAt: scenario.startsAt,
    });
  });
}

function truthOf(
  scenario: Scenario,
  truths: ReadonlyMap<string, ModelTruth>,
  spec: { readonly pool: string; readonly model: string },
): ModelTruth {
  const pool = scenario.cluster.pools.find((candidate) => candidate.name === spec.pool);
  const truth = pool && truths.get(`${pool.gpuModel}/${spec.model}`);
  assert(truth !== undefined, `The scenario has no profile of ${spec.model} for pool ${spec.pool}.`);
  return truth;
}
