import { carmProcessor } from "../../src/processor/index.ts";
import { profileLibrary } from "../../src/profiles/index.ts";
import type {
  Decision,
  GpuSample,
  GridIntensity,
  JobEvent,
  JobSpec,
  Plan,
  TopicRecords,
} from "../../src/records/index.ts";
import type { StepOutput, StepRecord } from "../../src/stream/processor.ts";
import { MapState } from "./map-state.ts";

export const HOUR_MS = 3_600_000;
export const START = Date.UTC(2024, 2, 4);
const CLUSTER = "lab";

/** A processor that is told record after record, for tests of what one record does. */
export class StepWorld {
  nowMs = START;
  readonly outputs: StepOutput[] = [];
  readonly #state = new MapState();

  /** Declares a cluster of 4 training and 2 inference boards with a live policy, its profiles and so many past days. */
  constructor(historyDays = 2) {
    this.tell("carm.clusters", this.cluster());
    this.tell("carm.policies", this.policy(1));
    for (const template of profileLibrary) {
      if (template.gpu.model !== "rtx-4090") continue;
      this.tell("carm.profiles", { ...template, cluster: CLUSTER, observedAt: START });
    }
    for (let hour = -24 * historyDays; hour < 0; hour += 1) this.tell("carm.grid-intensity", this.grid(hour));
    this.settle();
  }

  /** Steps one record; returns what it emitted. */
  tell<T extends keyof TopicRecords>(topic: T, value: TopicRecords[T]): StepOutput[] {
    const place = { partition: 0, offset: 0, appendedAt: this.nowMs, isBehind: false, incarnation: 1 };
    const record = { topic, cluster: CLUSTER, value, ...place };
    const outputs = carmProcessor.step(this.#state, record as StepRecord);
    this.outputs.push(...outputs);
    return outputs;
  }

  /** Lets time pass in ticks of at most a minute. */
  wait(durationMs: number): StepOutput[] {
    const from = this.outputs.length;
    const untilMs = this.nowMs + durationMs;
    while (this.nowMs < untilMs) {
      this.nowMs = Math.min(untilMs, this.nowMs + 60_000);
      this.tick();
    }
    return this.outputs.slice(from);
  }

  /** Lets seconds pass until planning has come to its end. */
  settle(): StepOutput[] {
    const from = this.outputs.length;
    for (let second = 0; second < 30; second += 1) {
      this.nowMs += 1000;
      this.tick();
    }
    return this.outputs.slice(from);
  }

  tick(): void {
    this.tell("carm.ticks", { cluster: "", observedAt: this.nowMs, partition: 0 });
  }

  cluster(): TopicRecords["carm.clusters"] {
    return {
      cluster: CLUSTER,
      observedAt: this.nowMs,
      zone: "DE",
      timeZone: "Europe/Berlin",
      pue: 1.2,
      signal: "average",
      pools: [
        { name: "training", purpose: "training", gpuModel: "rtx-4090", gpus: 4 },
        { name: "inference", purpose: "inference", gpuModel: "rtx-4090", gpus: 2 },
      ],
      powerCapWatts: null,
    };
  }

  policy(version: number): TopicRecords["carm.policies"] {
    return {
      cluster: CLUSTER,
      observedAt: this.nowMs,
      version,
      planner: "ca-rm",
      mode: "live",
      minSmClockMhz: null,
      maxSmClockMhz: null,
      leaseMs: 300_000,
    };
  }

  /** Intensity of an hour counted from the start; dirtier in the morning than in the evening, no day quite like the other. */
  grid(hour: number, changes: Partial<GridIntensity> = {}): GridIntensity {
    const startsAt = START + hour * HOUR_MS;
    return {
      cluster: CLUSTER,
      observedAt: this.nowMs,
      zone: "DE",
      startsAt,
      durationMs: HOUR_MS,
      gco2PerKwh: 300 + 200 * Math.sin((2 * Math.PI * hour) / 24) + 20 * Math.sin(hour * 1.7),
      signal: "average",
      kind: "measured",
      issuedAt: changes.kind === "forecast" ? this.nowMs : null,
      provider: "test",
      pricePerKwh: null,
      onSiteWatts: null,
      ...changes,
    };
  }

  jobEvent(type: JobEvent["type"], sequence: number, changes: Partial<JobEvent> = {}): JobEvent {
    return {
      cluster: CLUSTER,
      observedAt: this.nowMs,
      subject: "job",
      sequence,
      type,
      job: type === "submitted" ? this.job() : null,
      service: null,
      progress: null,
      detail: "",
      ...changes,
    };
  }

  job(changes: Partial<JobSpec> = {}): JobSpec {
    return {
      system: "external",
      ref: "test",
      pool: "training",
      model: "resnet50",
      samples: 2e6,
      deadlineAt: this.nowMs + 20 * HOUR_MS,
      deadlineKind: "hard",
      earliestStartAt: null,
      priority: 0,
      requestedWorkers: 2,
      minWorkers: 1,
      maxWorkers: 4,
      pausable: true,
      resizable: true,
      restartCostMs: 60_000,
      ...changes,
    };
  }

  service(sequence: number, type: JobEvent["type"] = "service_declared"): JobEvent {
    const spec = {
      pool: "inference",
      model: "resnet50-vision",
      latencyQuantile: 0.99,
      latencyTargetMs: 20,
      gpus: 2,
    };
    return this.jobEvent(type, sequence, { subject: "vision", service: spec });
  }

  window(
    startsAt: number,
    changes: Partial<TopicRecords["carm.request-rate"]> = {},
  ): TopicRecords["carm.request-rate"] {
    return {
      cluster: CLUSTER,
      observedAt: this.nowMs,
      service: "vision",
      startsAt,
      durationMs: 10_000,
      arrivals: 1000,
      completions: 1000,
      queueDepth: 0,
      overTarget: 0,
      latencyCounts: [1000],
      ...changes,
    };
  }

  telemetry(gpus: readonly Partial<GpuSample>[], changes: { pool?: string; observedAt?: number } = {}) {
    const observedAt = changes.observedAt ?? this.nowMs;
    return {
      cluster: CLUSTER,
      observedAt,
      node: "node-1",
      pool: changes.pool ?? "training",
      sequence: observedAt,
      gpus: gpus.map((gpu, i) => ({
        uuid: `GPU-${i}`,
        model: "rtx-4090",
        smClockMhz: 2730,
        lockedSmClockMhz: null,
        powerWatts: 100,
        energyMillijoules: 100 * (observedAt - Date.UTC(2020, 0, 1)),
        utilization: 1,
        temperatureCelsius: 50,
        healthy: true,
        tenants: [],
        overridden: false,
        ...gpu,
      })),
    };
  }
}

export function plansOf(outputs: readonly StepOutput[]): Plan[] {
  return outputs.flatMap((output) =>
    "value" in output && output.topic === "carm.plans" ? [output.value] : [],
  );
}

export function decisionsOf(outputs: readonly StepOutput[]): Decision[] {
  return outputs.flatMap((output) =>
    "value" in output && output.topic === "carm.decisions" ? [output.value] : [],
  );
}

export function valuesOf<T extends keyof TopicRecords>(
  outputs: readonly StepOutput[],
  topic: T,
): TopicRecords[T][] {
  return outputs.flatMap((output) =>
    "value" in output && output.topic === topic ? [output.value as TopicRecords[T]] : [],
  );
}
