import type { ObservedWorkload } from "../agent/actuators/actuator.ts";
import { assert } from "../records/index.ts";
import type { SimulatedGpu } from "./gpu.ts";
import type { ModelTruth } from "./model-truth.ts";
import { physics } from "./physics.ts";
import type { ScenarioJob } from "./scenario.ts";

type JobPhase = "waiting" | "running" | "paused" | "finished";

/** A training job: a gang of workers that runs at its slowest board. */
export class SimulatedJob {
  readonly scenario: ScenarioJob;
  readonly truth: ModelTruth;
  readonly #samples: number;
  /** When it crashes if it runs then, rising; those that are past are dropped. */
  readonly #crashes: number[];

  phase: JobPhase = "waiting";
  boards: readonly SimulatedGpu[] = [];
  energyMillijoules = 0;
  detail = "";
  /** How often its boards or its detail have changed. */
  changes = 0;
  #placed = false;
  #samplesDone = 0;
  #checkpointSamples = 0;
  #checkpointAgeMs = 0;
  /** No progress before this time. */
  #loadedAt = 0;

  constructor(scenario: ScenarioJob, truth: ModelTruth, crashes: readonly number[]) {
    assert(scenario.spec.samples !== null, "A simulated job needs a known amount of work.");
    this.scenario = scenario;
    this.truth = truth;
    this.#samples = scenario.spec.samples;
    this.#crashes = [...crashes];
  }

  /** Runs on these boards from now on; what was done is checkpointed first. */
  place(nowMs: number, boards: readonly SimulatedGpu[]): void {
    this.#checkpoint();
    this.#occupy(nowMs, boards);
    this.phase = "running";
    this.#placed = true;
    this.detail = "";
  }

  pause(): void {
    this.#checkpoint();
    this.#release();
    this.phase = "paused";
    this.detail = "";
  }

  /** Gives its boards back and waits for others. */
  requeue(detail: string): void {
    this.#release();
    this.phase = "waiting";
    this.detail = detail;
  }

  /** Falls back to the last checkpoint. */
  loseWork(): void {
    this.#samplesDone = this.#checkpointSamples;
    this.#checkpointAgeMs = 0;
  }

  /** Applies what is due at `nowMs`: the end of its work, or a crash (it starts again by itself on the same boards). */
  settle(nowMs: number): void {
    const crashed = this.#crashes[0] !== undefined && this.#crashes[0] <= nowMs;
    while (this.#crashes[0] !== undefined && this.#crashes[0] <= nowMs) this.#crashes.shift();
    if (this.phase !== "running") return;
    if (this.#samplesDone >= this.#samples) {
      this.#release();
      this.phase = "finished";
      return;
    }
    if (crashed) {
      this.loseWork();
      this.#loadedAt = nowMs + this.scenario.spec.restartCostMs;
      this.changes += 1;
      this.detail = "Crashed and started again from its last checkpoint.";
    }
  }

  /** When its progress changes next without anybody's doing: loaded, or finished at today's rate. */
  nextEventAt(nowMs: number): number {
    if (this.phase !== "running") return Number.POSITIVE_INFINITY;
    if (this.#loadedAt > nowMs) return this.#loadedAt;
    return nowMs + Math.max(1, Math.ceil((this.#samples - this.#samplesDone) / this.#samplesPerMs()));
  }

  /** Lets time pass; no event of `nextEventAt` lies inside. */
  advance(fromMs: number, toMs: number): void {
    if (this.phase !== "running" || this.#loadedAt > fromMs) return;
    this.#samplesDone = Math.min(this.#samples, this.#samplesDone + this.#samplesPerMs() * (toMs - fromMs));
    this.#checkpointAgeMs += toMs - fromMs;
    if (this.#checkpointAgeMs >= physics.checkpointEveryMs) this.#checkpoint();
  }

  /** How busy one of its boards is: those that are faster wait for the slowest. */
  busyShare(gpu: SimulatedGpu, nowMs: number): number {
    if (this.#loadedAt > nowMs) return physics.restartUtilization;
    return this.#slowestSpeed() / gpu.speed(this.truth);
  }

  observe(): ObservedWorkload {
    return {
      id: this.scenario.id,
      phase: this.phase,
      job: this.scenario.spec,
      service: null,
      progress: this.#placed ? { samplesDone: this.#samplesDone, workers: this.boards.length } : null,
      detail: this.detail,
    };
  }

  #samplesPerMs(): number {
    const { truth, boards } = this;
    return (truth.profile.samplesPerSecond / 1000) * truth.scaling(boards.length) * this.#slowestSpeed();
  }

  #slowestSpeed(): number {
    let slowest = Number.POSITIVE_INFINITY;
    for (const gpu of this.boards) slowest = Math.min(slowest, gpu.speed(this.truth));
    return slowest;
  }

  #checkpoint(): void {
    this.#checkpointSamples = this.#samplesDone;
    this.#checkpointAgeMs = 0;
  }

  #occupy(nowMs: number, boards: readonly SimulatedGpu[]): void {
    this.#release();
    this.boards = boards;
    for (const gpu of boards) gpu.tenant = { kind: "job", id: this.scenario.id, share: 1 };
    this.#loadedAt = nowMs + this.scenario.spec.restartCostMs;
  }

  #release(): void {
    for (const gpu of this.boards) gpu.tenant = null;
    this.boards = [];
    this.changes += 1;
  }
}
