import { carmProcessor } from "../../src/processor/index.ts";
import { profileLibrary } from "../../src/profiles/index.ts";
import { avroType, type Decision, type Job, type TopicRecords } from "../../src/records/index.ts";
import { recordSchemaText } from "../../src/records/topics.ts";
import type { StepOutput, StepRecord } from "../../src/stream/processor.ts";
import type { CaseEvent, DecisionCase, PolicyEvent } from "./case-format.ts";
import { CASE_CLUSTER, CASE_GPU, CaseWorld } from "./case-world.ts";
import { MapState } from "./map-state.ts";

const HOUR_MS = 3_600_000;
const STEP_MS = 30_000;
const HISTORY_DAYS = 28;

/** What came out of a case. */
export interface CaseResult {
  /** Times are milliseconds after the start. */
  readonly decisions: readonly {
    readonly atMs: number;
    readonly decision: Decision;
    readonly shadow: boolean;
  }[];
  readonly startsAt: number;
  /** Everything that steps returned, in order. */
  readonly outputs: readonly StepOutput[];
  /** Energy, grams and requests of every ledger entry as stated last, by subject and hour. */
  readonly ledger: ReadonlyMap<string, readonly number[]>;
  /** Every state entry at the end, as bytes. */
  readonly state: ReadonlyMap<string, Uint8Array>;
  /** The last record of each job. */
  readonly jobs: ReadonlyMap<string, Job>;
  /** Every reason that a job's records gave. */
  readonly jobWhys: ReadonlyMap<string, string[]>;
  readonly finishedAtMs: ReadonlyMap<string, number>;
  /** After each step that decided something: workers that run, and how many of them it added. */
  readonly running: readonly { readonly workers: number; readonly added: number }[];
}

/** Milliseconds after the start of a time "HH:MM". */
export function timeOf(text: string): number {
  const match = /^(\d+):(\d\d)$/.exec(text);
  if (match === null) throw new Error(`"${text}" is not a time of the form HH:MM`);
  return Number(match[1]) * HOUR_MS + Number(match[2]) * 60_000;
}

/** What is done to a run that must not change it. */
export interface Disturbance {
  /** The heap is dropped after so many records, as by a restart. */
  readonly forgetHeapEvery?: number;
  /** Every input but ticks, policies and profiles comes twice. */
  readonly repeatInputs?: boolean;
}

/** Plays a case on a cluster that obeys at once. */
export function runCase(given: DecisionCase, disturbance: Disturbance = {}): CaseResult {
  return new CaseRun(given, disturbance).play();
}

const types = new Map<string, ReturnType<typeof avroType>>();

/** The record as it comes from a log: through its bytes. */
function asRead<T extends keyof TopicRecords>(topic: T, value: TopicRecords[T]): TopicRecords[T] {
  const type = types.get(topic) ?? avroType(recordSchemaText(topic));
  types.set(topic, type);
  return type.fromBuffer(type.toBuffer(value)) as TopicRecords[T];
}

class CaseRun {
  readonly #given: DecisionCase;
  readonly #startsAt: number;
  readonly #state = new MapState();
  readonly #decisions: { atMs: number; decision: Decision; shadow: boolean }[] = [];
  readonly #jobs = new Map<string, Job>();
  readonly #jobWhys = new Map<string, string[]>();
  readonly #world: CaseWorld;
  readonly #disturbance: Disturbance;
  readonly #outputs: StepOutput[] = [];
  readonly #ledger = new Map<string, readonly number[]>();
  readonly #running: { workers: number; added: number }[] = [];
  readonly #waiting: (() => void)[] = [];
  #records = 0;
  #nowMs: number;
  #policyVersion = 0;
  #intensity: { value: number; untilMs: number } | null = null;

  constructor(given: DecisionCase, disturbance: Disturbance) {
    this.#given = given;
    this.#disturbance = disturbance;
    this.#startsAt = Date.parse(given.start);
    this.#nowMs = this.#startsAt;
    this.#world = new CaseWorld(given.training, (topic, value) => this.#step(topic, value));
  }

  play(): CaseResult {
    const { events, until } = this.#given;
    this.#declare();
    let next = 0;
    const ordered = [...events].sort((a, b) => timeOf(a.at) - timeOf(b.at));
    for (let atMs = 0; atMs <= timeOf(until); atMs += STEP_MS) {
      this.#nowMs = this.#startsAt + atMs;
      while (next < ordered.length && timeOf((ordered[next] as CaseEvent).at) <= atMs) {
        this.#happen(ordered[next] as CaseEvent);
        next += 1;
      }
      this.#passTime(atMs);
    }
    const finishedAtMs = new Map(
      [...this.#world.finishedAt].map(([id, finishedAt]) => [id, finishedAt - this.#startsAt]),
    );
    return {
      decisions: this.#decisions,
      startsAt: this.#startsAt,
      outputs: this.#outputs,
      ledger: this.#ledger,
      state: this.#state.encoded(),
      jobs: this.#jobs,
      jobWhys: this.#jobWhys,
      finishedAtMs,
      running: this.#running,
    };
  }

  #declare(): void {
    const {
      training,
      inference = 0,
      planner,
      mode,
      clockLimitsMhz,
      historyDays = HISTORY_DAYS,
    } = this.#given;
    this.#step("carm.clusters", {
      cluster: CASE_CLUSTER,
      observedAt: this.#nowMs,
      zone: "CASE",
      timeZone: "UTC",
      pue: 1.2,
      signal: "average",
      pools: [
        { name: "training", purpose: "training", gpuModel: CASE_GPU, gpus: training },
        ...(inference > 0
          ? [{ name: "inference", purpose: "inference" as const, gpuModel: CASE_GPU, gpus: inference }]
          : []),
      ],
      powerCapWatts: this.#given.powerCapWatts ?? null,
    });
    this.#setPolicy({ planner, mode, clockLimitsMhz });
    for (const template of profileLibrary) {
      if (template.gpu.model !== CASE_GPU) continue;
      this.#step("carm.profiles", { ...template, cluster: CASE_CLUSTER, observedAt: this.#nowMs });
    }
    for (let hour = -historyDays * 24; hour < 0; hour += 1) this.#reportIntensity(hour);
  }

  #setPolicy({ planner = "ca-rm", mode = "live", clockLimitsMhz: limits }: PolicyEvent): void {
    this.#policyVersion += 1;
    this.#step("carm.policies", {
      cluster: CASE_CLUSTER,
      observedAt: this.#nowMs,
      version: this.#policyVersion,
      planner,
      mode,
      minSmClockMhz: limits?.[0] ?? null,
      maxSmClockMhz: limits?.[1] ?? null,
      leaseMs: 300_000,
    });
  }

  #happen(event: CaseEvent): void {
    if ("submit" in event) {
      const deadlineAt = event.deadline === undefined ? null : this.#startsAt + timeOf(event.deadline);
      this.#world.submit(event, this.#nowMs, deadlineAt);
    } else if ("cancel" in event) this.#world.cancel(event.cancel, this.#nowMs);
    else if ("loseTrainingGpus" in event) this.#world.lostGpus = event.loseTrainingGpus;
    else if ("byHand" in event) this.#world.setByHand(event.byHand, event.workers, this.#nowMs);
    else if ("reclaim" in event) this.#world.reclaim(event.reclaim, this.#nowMs);
    else if ("lockByHand" in event) this.#world.lockedByHand = event;
    else if ("shareBoard" in event) this.#world.sharedBoard = event.shareBoard;
    else if ("serve" in event) {
      const { serve, model, gpus, targetMs, pool = "inference" } = event;
      const spec = { pool, model, latencyQuantile: 0.99, latencyTargetMs: targetMs, gpus };
      this.#world.serve(serve, spec, this.#nowMs);
    } else if ("requests" in event) {
      const service = this.#world.services.get(event.requests);
      if (service === undefined) throw new Error(`the case names service ${event.requests} before it serves`);
      service.perSecond = event.perSecond;
    } else if ("intensity" in event) {
      this.#intensity = { value: event.intensity, untilMs: this.#nowMs + event.hours * HOUR_MS };
    } else this.#setPolicy(event.policy);
  }

  #passTime(atMs: number): void {
    const { intensitySilentFrom, telemetrySilentFrom } = this.#given;
    const gridSpeaks = intensitySilentFrom === undefined || atMs < timeOf(intensitySilentFrom);
    const nodesSpeak = telemetrySilentFrom === undefined || atMs < timeOf(telemetrySilentFrom);
    if (atMs > 0) this.#world.advance(STEP_MS, this.#nowMs, atMs % 300_000 === 0);
    if (atMs % HOUR_MS === 0 && atMs > 0 && gridSpeaks) this.#reportIntensity(atMs / HOUR_MS - 1);
    if (nodesSpeak) {
      if (atMs % 60_000 === 0) this.#world.telemetry(this.#nowMs);
      if (atMs > 0) this.#world.requestWindows(this.#nowMs, STEP_MS);
    }
    this.#step("carm.ticks", { cluster: "", observedAt: this.#nowMs, partition: 0 });
  }

  #reportIntensity(hour: number): void {
    const startsAt = this.#startsAt + hour * HOUR_MS;
    const usual = this.#given.usualIntensity[new Date(startsAt).getUTCHours()] as number;
    const unusual =
      this.#intensity !== null && startsAt < this.#intensity.untilMs ? this.#intensity.value : null;
    this.#step("carm.grid-intensity", {
      cluster: CASE_CLUSTER,
      observedAt: this.#nowMs,
      zone: "CASE",
      startsAt,
      durationMs: HOUR_MS,
      // No day is quite like the other.
      gco2PerKwh: unusual ?? usual * (1 + 0.08 * Math.sin(hour * 1.7)),
      signal: "average",
      kind: "measured",
      issuedAt: null,
      provider: "case",
      pricePerKwh: 0.2,
      onSiteWatts: null,
    });
  }

  /** Steps a record, and whatever the world answers after it: as on a log, one after the other. */
  #step<T extends keyof TopicRecords>(topic: T, value: TopicRecords[T]): void {
    this.#waiting.push(() => this.#stepOne(topic, value));
    if (this.#waiting.length > 1) return;
    for (let step = this.#waiting[0]; step !== undefined; step = this.#waiting[0]) {
      step();
      this.#waiting.shift();
    }
  }

  #stepOne<T extends keyof TopicRecords>(topic: T, value: TopicRecords[T]): void {
    const place = { partition: 0, offset: 0, appendedAt: this.#nowMs, isBehind: false, incarnation: 1 };
    const record = { topic, cluster: CASE_CLUSTER, value: asRead(topic, value), ...place };
    const outputs = carmProcessor.step(this.#state, record as StepRecord);
    const once = new Set<string>(["carm.ticks", "carm.clusters", "carm.profiles"]);
    if (this.#disturbance.repeatInputs === true && !once.has(topic)) {
      outputs.push(...carmProcessor.step(this.#state, record as StepRecord));
    }
    this.#records += 1;
    if (this.#records % (this.#disturbance.forgetHeapEvery ?? Number.POSITIVE_INFINITY) === 0) {
      this.#state.forgetHeap();
    }
    const before = this.#world.runningWorkers();
    const decided = this.#decisions.length;
    for (const output of outputs) this.#take(output);
    if (this.#decisions.length > decided) this.#noteRunning(before);
  }

  #noteRunning(before: ReadonlyMap<string, number>): void {
    let workers = 0;
    let added = 0;
    for (const [id, count] of this.#world.runningWorkers()) {
      workers += count;
      added += Math.max(0, count - (before.get(id) ?? 0));
    }
    this.#running.push({ workers, added });
  }

  #takeJob(job: Job): void {
    this.#jobs.set(job.job, job);
    this.#jobWhys.set(job.job, [...(this.#jobWhys.get(job.job) ?? []), job.why]);
  }

  #take(output: StepOutput): void {
    this.#outputs.push(output);
    if ("refused" in output) throw new Error(`a record of the case was refused: ${output.refused.detail}`);
    if (!("value" in output)) return;
    if (output.topic === "carm.ledger") {
      const { subjectKind, subject, startsAt, energyKwh, gco2, requests } = output.value;
      this.#ledger.set(`${subjectKind}/${subject}/${startsAt}`, [energyKwh, gco2, requests]);
    }
    const shadow = output.topic === "carm.decisions.shadow";
    if (output.topic === "carm.decisions" || output.topic === "carm.decisions.shadow") {
      this.#decisions.push({ atMs: this.#nowMs - this.#startsAt, decision: output.value, shadow });
      if (!shadow) this.#world.obey(output.value, this.#nowMs);
    } else if (output.topic === "carm.jobs") this.#takeJob(output.value);
  }
}
