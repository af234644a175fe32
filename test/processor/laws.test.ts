import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Decision } from "../../src/records/index.ts";
import type { CaseEvent, DecisionCase } from "../support/case-format.ts";
import { type CaseResult, runCase, timeOf } from "../support/case-runner.ts";

const TRAINING_GPUS = 6;
const INFERENCE_GPUS = 4;
const TOP_CLOCK_MHZ = 2730;
const LOWEST_CLOCK_MHZ = 210;
const UNTIL = "04:00";

type Submission = Extract<CaseEvent, { submit: string }>;

/** Whatever may happen in four hours on six boards: jobs of all abilities, losses, other hands, new policies, silence. */
const anyCase: fc.Arbitrary<DecisionCase> = fc
  .record({
    jobs: fc.array(anySubmission(), { minLength: 1, maxLength: 7 }),
    happenings: fc.array(anyHappening(), { maxLength: 6 }),
    planner: fc.constantFrom("ca-rm", "ca-rm", "max", "min", "power-cap", "energy-cost"),
    clockLimitsMhz: fc.option(anyLimits(), { nil: undefined }),
    capWatts: fc.option(fc.integer({ min: 300, max: 3000 }), { nil: undefined }),
    intensity: fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 24, maxLength: 24 }),
    historyDays: fc.constantFrom(0, 2),
    gridSilentFrom: fc.option(anyTime(), { nil: undefined }),
    nodesSilentFrom: fc.option(anyTime(), { nil: undefined, freq: 3 }),
  })
  .map(
    ({ jobs, happenings, intensity, capWatts, clockLimitsMhz, gridSilentFrom, nodesSilentFrom, ...rest }) => {
      const submissions = jobs.map((job, i) => ({ ...job, submit: `job-${i}` }));
      return {
        title: "whatever may happen",
        why: "",
        start: "2024-03-04T00:00:00Z",
        until: UNTIL,
        training: TRAINING_GPUS,
        inference: INFERENCE_GPUS,
        ...rest,
        ...(clockLimitsMhz && { clockLimitsMhz }),
        ...(capWatts && { powerCapWatts: capWatts }),
        ...(gridSilentFrom && { intensitySilentFrom: gridSilentFrom }),
        ...(nodesSilentFrom && { telemetrySilentFrom: nodesSilentFrom }),
        usualIntensity: intensity,
        events: [
          { at: "00:00", serve: "vision", model: "resnet50-vision", gpus: INFERENCE_GPUS, targetMs: 20 },
          { at: "00:00", requests: "vision", perSecond: 150 },
          ...submissions,
          ...happenings.flatMap((make) => make(submissions)),
        ],
        expect: [],
      };
    },
  );

describe("whatever happens", () => {
  it("no law is broken: clocks, abilities, capacity, epochs", () => {
    fc.assert(
      fc.property(anyCase, (given) => {
        const result = runCase(given);
        expect(clocksOutsideLimits(given, result)).toEqual([]);
        expect(forbidden(given, result)).toEqual([]);
        expect(overCapacity(result)).toEqual([]);
        expect(result.decisions.map(({ decision }) => decision.epoch.sequence)).toEqual(
          result.decisions.map((_, i) => i + 1),
        );
      }),
      { numRuns: 30 },
    );
  });

  it("forgetting the heap at any record, as a restart between two batches does, changes nothing", () => {
    fc.assert(
      fc.property(anyCase, fc.integer({ min: 1, max: 500 }), (given, forgetHeapEvery) => {
        const kept = runCase(given);
        const forgotten = runCase(given, { forgetHeapEvery });
        expect(forgotten.outputs).toEqual(kept.outputs);
        expect(changedEntries(kept, forgotten)).toEqual([]);
      }),
      { numRuns: 8 },
    );
  });

  it("records that come twice change nothing but the count of duplicates", () => {
    fc.assert(
      fc.property(anyCase, (given) => {
        const once = runCase(given);
        const twice = runCase(given, { repeatInputs: true });
        expect(twice.outputs).toEqual(once.outputs);
        expect(changedEntries(once, twice).filter((key) => !key.startsWith("case|control"))).toEqual([]);
      }),
      { numRuns: 8 },
    );
  });
});

/** Keys of the state entries that differ. */
function changedEntries(a: CaseResult, b: CaseResult): string[] {
  const keys = new Set([...a.state.keys(), ...b.state.keys()]);
  const hex = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString("hex");
  return [...keys].filter((key) => hex(a.state.get(key)) !== hex(b.state.get(key)));
}

function anyTime(): fc.Arbitrary<string> {
  return fc
    .integer({ min: 0, max: timeOf(UNTIL) / 60_000 - 1 })
    .map(
      (minute) =>
        `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`,
    );
}

function anyLimits(): fc.Arbitrary<readonly [number, number]> {
  return fc
    .tuple(fc.integer({ min: 210, max: 2730 }), fc.integer({ min: 210, max: 2730 }))
    .map(([a, b]) => [Math.min(a, b), Math.max(a, b)]);
}

function anySubmission(): fc.Arbitrary<Omit<Submission, "submit">> {
  return fc
    .record({
      at: anyTime(),
      model: fc.constantFrom("resnet50", "vgg16"),
      hours: fc.double({ min: 0.2, max: 3, noNaN: true }),
      workers: fc.integer({ min: 1, max: 4 }),
      fewer: fc.integer({ min: 0, max: 3 }),
      more: fc.integer({ min: 0, max: 4 }),
      slackHours: fc.option(fc.integer({ min: 1, max: 12 }), { nil: null }),
      pausable: fc.boolean(),
      resizable: fc.boolean(),
      modelNameUnknown: fc.integer({ max: 9, min: 0 }).map((n) => n === 0),
      priority: fc.integer({ min: -1, max: 1 }),
    })
    .map(({ fewer, more, slackHours, ...job }) => ({
      ...job,
      minWorkers: Math.max(1, job.workers - fewer),
      maxWorkers: job.workers + more,
      ...(slackHours !== null && { deadline: later(job.at, slackHours) }),
    }));
}

function later(at: string, hours: number): string {
  const [hour, minute] = at.split(":") as [string, string];
  return `${String(Number(hour) + hours).padStart(2, "0")}:${minute}`;
}

/** Something that happens to one of the jobs, or to all. */
function anyHappening(): fc.Arbitrary<(jobs: readonly Submission[]) => CaseEvent[]> {
  return fc
    .record({
      at: anyTime(),
      which: fc.nat(),
      kind: fc.nat({ max: 7 }),
      amount: fc.nat({ max: 4 }),
      limits: anyLimits(),
    })
    .map(({ at, which, kind, amount, limits }) => (jobs) => {
      const { submit: job, at: submittedAt, workers } = jobs[which % jobs.length] as Submission;
      if (kind < 3 && timeOf(at) <= timeOf(submittedAt)) return [];
      const events: CaseEvent[] = [
        { at, cancel: job },
        { at, byHand: job, workers: amount === 0 ? 0 : workers },
        { at, reclaim: job },
        { at, loseTrainingGpus: amount },
        { at, lockByHand: amount, clockMhz: 1200 },
        { at, requests: "vision", perSecond: 100 * amount },
        { at, policy: { clockLimitsMhz: limits } },
        { at, policy: { mode: (["live", "shadow", "off"] as const)[amount % 3] } },
      ];
      return [events[kind] as CaseEvent];
    });
}

function clocksOutsideLimits(given: DecisionCase, { decisions }: CaseResult): unknown[] {
  const policies = given.events.flatMap((event) => ("policy" in event ? [event] : []));
  const ordered = policies.toSorted((a, b) => timeOf(a.at) - timeOf(b.at));
  return decisions.filter(({ atMs, decision: { smClockMhz } }) => {
    if (smClockMhz === null) return false;
    const inForce = ordered.filter(({ at }) => timeOf(at) <= atMs).at(-1);
    const limits = inForce === undefined ? given.clockLimitsMhz : inForce.policy.clockLimitsMhz;
    const [min, max] = limits ?? [LOWEST_CLOCK_MHZ, TOP_CLOCK_MHZ];
    const isOnGrid = (smClockMhz - LOWEST_CLOCK_MHZ) % 15 === 0;
    // Limits between two clocks of the device leave the nearest below.
    return !isOnGrid || smClockMhz > Math.max(max, LOWEST_CLOCK_MHZ) || (smClockMhz < min && max - min >= 15);
  });
}

/** Decisions that pause or resize a job that did not say it may, or go beyond what it said. */
function forbidden(given: DecisionCase, { decisions }: CaseResult): Decision[] {
  const specs = new Map(given.events.flatMap((event) => ("submit" in event ? [[event.submit, event]] : [])));
  return decisions.flatMap(({ decision, atMs }) => {
    const spec = specs.get(decision.target.id);
    if (decision.target.kind !== "job" || spec === undefined) return [];
    const { action, workers } = decision;
    if (action === "pause") return spec.pausable ? [] : [decision];
    if (action !== "run" || isByHand(given, decision.target.id, atMs)) return [];
    const { workers: asked, minWorkers = asked, maxWorkers = asked, resizable } = spec;
    const isAllowed = resizable ? workers! >= minWorkers && workers! <= maxWorkers : workers === asked;
    return isAllowed ? [] : [decision];
  });
}

function isByHand({ events }: DecisionCase, job: string, atMs: number): boolean {
  const hands = events.filter(
    (event) =>
      (("byHand" in event && event.byHand === job) || ("reclaim" in event && event.reclaim === job)) &&
      timeOf(event.at) <= atMs,
  );
  const last = hands.toSorted((a, b) => timeOf(a.at) - timeOf(b.at)).at(-1);
  return last !== undefined && "byHand" in last;
}

/** Steps after which more workers ran than the pool has and some of them were new. */
function overCapacity({ running }: CaseResult): unknown[] {
  return running.filter(({ workers, added }) => workers > TRAINING_GPUS && added > 0);
}
