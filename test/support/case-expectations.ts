import { boardWish } from "../../src/agent/board-wish.ts";
import { DecisionView, defaultAgentLimits } from "../../src/agent/index.ts";
import { supportedSmClocksMhz } from "../../src/profiles/index.ts";
import type { Decision } from "../../src/records/index.ts";
import type { DecisionCase, Expectation } from "./case-format.ts";
import { type CaseResult, timeOf } from "./case-runner.ts";
import { CASE_CLUSTER, CASE_GPU, profileFor } from "./case-world.ts";

const TOP_CLOCK_MHZ = 2730;

/** What of a case's expectations does not hold, in words; empty if all do. */
export function checkCase(given: DecisionCase, result: CaseResult): string[] {
  return given.expect.flatMap((expectation) =>
    broken(expectation, result).map((what) => `${JSON.stringify(expectation)}: ${what}`),
  );
}

function broken(expected: Expectation, result: CaseResult): string[] {
  const known: (keyof Expectation)[] = [
    "job",
    "service",
    "than",
    "lockedFor",
    ...(Object.keys(checks) as (keyof Expectation)[]),
  ];
  const unknown = Object.keys(expected).filter((key) => !known.includes(key as keyof Expectation));
  if (unknown.length > 0) return [`there is no expectation ${unknown.join(", ")}`];
  return Object.entries(checks).flatMap(([key, check]) =>
    key in expected && check !== undefined ? (check(expected, result) ?? []) : [],
  );
}

type Check = (expected: Expectation, result: CaseResult) => string | undefined;

const checks: Partial<Record<keyof Expectation, Check>> = {
  at: () => undefined,
  action: (expected, result) => {
    const found: string = setpoint(expected, result, expected.at)?.action ?? "none";
    const allowed = expected.action === "pause-or-hold" ? ["pause", "hold"] : [expected.action as string];
    return allowed.includes(found) ? undefined : `the action is ${found}`;
  },
  workers: (expected, result) => {
    const found = setpoint(expected, result, expected.at)?.workers;
    return found === expected.workers ? undefined : `it has ${found} workers`;
  },
  reason: (expected, result) => {
    const found = setpoint(expected, result, expected.at)?.reason.code;
    return found === expected.reason ? undefined : `the reason is ${found}`;
  },
  clockMhz: (expected, result) => {
    const found = setpoint(expected, result, expected.at)?.smClockMhz ?? null;
    const before = expected.than && (setpoint(expected, result, expected.than)?.smClockMhz ?? null);
    if (typeof expected.clockMhz === "number") {
      return found === expected.clockMhz ? undefined : `the clock is ${found} MHz`;
    }
    const holds = {
      top: found === TOP_CLOCK_MHZ,
      "below top": found !== null && found < TOP_CLOCK_MHZ,
      hardware: found === null,
      raised: (found ?? 0) > (before || 0),
      lowered: (found ?? 0) < (before || 0),
    }[expected.clockMhz as string];
    return holds ? undefined : `the clock is ${found} MHz${before ? `, before ${before}` : ""}`;
  },
  onLeaseEnd: (expected, result) => {
    const found = setpoint(expected, result, expected.at)?.onLeaseEnd;
    return found === expected.onLeaseEnd ? undefined : `it is ${found}`;
  },
  board: (expected, result) => {
    const tenants = expected.board as readonly string[];
    const wanted = tenants.map((id) => `${id} ${setpoint({ job: id }, result, expected.at)?.smClockMhz} MHz`);
    const found = boardLockMhz(tenants, result, timeOf(expected.at as string));
    const right =
      expected.lockedFor === "hardware"
        ? null
        : setpoint({ job: expected.lockedFor as string }, result, expected.at)?.smClockMhz;
    return found === right ? undefined : `its lock is ${found} MHz; ${wanted.join(", ")}`;
  },
  never: (expected, result) => {
    const decisions = decisionsOf(expected, result);
    if (expected.never === "resize") {
      const widths = new Set(decisions.filter((one) => one.action === "run").map((one) => one.workers));
      return widths.size <= 1 ? undefined : `it was given ${[...widths].join(" and ")} workers`;
    }
    return decisions.some((one) => one.action === expected.never) ? "it happened" : undefined;
  },
  finishedBy: (expected, result) => {
    const found = result.finishedAtMs.get(expected.job as string);
    if (found === undefined) return "it did not finish";
    return found <= timeOf(expected.finishedBy as string) ? undefined : `it finished at ${clockTime(found)}`;
  },
  startsBetween: (expected, result) => {
    const first = result.decisions.find(
      ({ decision }) => decision.target.id === expected.job && decision.action === "run",
    );
    const [from, to] = expected.startsBetween as [string, string];
    if (first === undefined) return "it never started";
    const inTime = first.atMs >= timeOf(from) && first.atMs <= timeOf(to);
    return inTime ? undefined : `it started at ${clockTime(first.atMs)}`;
  },
  workersWhenRunning: (expected, result) => {
    const odd = runs(expected, result).find((one) => one.workers !== expected.workersWhenRunning);
    return odd ? `it was given ${odd.workers} workers` : undefined;
  },
  runsWiderThan: (expected, result) => {
    const widest = Math.max(0, ...runs(expected, result).map((one) => one.workers ?? 0));
    return widest > (expected.runsWiderThan as number)
      ? undefined
      : `it never had more than ${widest} workers`;
  },
  workersAtMost: (expected, result) => {
    const decided = new Map<string, number>();
    for (const { decision } of result.decisions) {
      if (decision.target.kind !== "job") continue;
      decided.set(decision.target.id, decision.workers ?? 0);
      for (const [id, finishedAtMs] of result.finishedAtMs) {
        if (decision.observedAt - result.startsAt >= finishedAtMs) decided.delete(id);
      }
      for (const [id, job] of result.jobs) if (job.state === "cancelled") decided.delete(id);
      const total = [...decided.values()].reduce((sum, workers) => sum + workers, 0);
      if (total > (expected.workersAtMost as number)) return `${total} workers ran at once`;
    }
    return undefined;
  },
  clocksWithinMhz: (expected, result) => {
    const [min, max] = expected.clocksWithinMhz as [number, number];
    const odd = result.decisions.find(
      ({ decision: { smClockMhz } }) => smClockMhz !== null && (smClockMhz < min || smClockMhz > max),
    );
    return odd ? `${odd.decision.smClockMhz} MHz was decided` : undefined;
  },
  liveDecisions: (expected, result) => {
    const live = result.decisions.filter((one) => !one.shadow).length;
    return live === expected.liveDecisions ? undefined : `there were ${live}`;
  },
  shadowDecisionsAtLeast: (expected, result) => {
    const shadow = result.decisions.filter((one) => one.shadow).length;
    return shadow >= (expected.shadowDecisionsAtLeast as number) ? undefined : `there were ${shadow}`;
  },
  why: (expected, result) => {
    const found = result.jobWhys.get(expected.job as string) ?? [];
    return found.some((why) => why.includes(expected.why as string))
      ? undefined
      : `its records say ${found.join("; ")}`;
  },
};

/** What the node agent would lock a board at that these share: the rule of `boardWish`. */
function boardLockMhz(tenants: readonly string[], result: CaseResult, atMs: number): number | null {
  const view = new DecisionView({ agent: "node-1", limits: defaultAgentLimits, epochs: new Map() });
  for (const { decision, atMs: decidedAtMs, shadow } of result.decisions) {
    if (!shadow && decidedAtMs <= atMs) {
      view.accept({ kind: "decided", decision }, { wallMs: decision.observedAt, monotonicMs: decidedAtMs });
    }
  }
  const kinds = new Map(result.decisions.map(({ decision: { target } }) => [target.id, target.kind]));
  const gpu = {
    uuid: "GPU-0",
    model: CASE_GPU,
    supportedSmClocksMhz: supportedSmClocksMhz(profileFor("resnet50").gpu),
    smClockMhz: TOP_CLOCK_MHZ,
    lockedSmClockMhz: null,
    powerWatts: 100,
    energyMillijoules: 0,
    utilization: 1,
    temperatureCelsius: 50,
    healthy: true,
    tenants: tenants.map((id) => ({
      kind: (kinds.get(id) ?? "unknown") as "job" | "service" | "unknown",
      id,
      share: 1 / tenants.length,
    })),
  };
  return boardWish(gpu, view, atMs).lockMhz;
}

function decisionsOf(expected: Expectation, result: CaseResult): Decision[] {
  const id = expected.job ?? expected.service;
  return result.decisions.filter(({ decision }) => decision.target.id === id).map(({ decision }) => decision);
}

function runs(expected: Expectation, result: CaseResult): Decision[] {
  return decisionsOf(expected, result).filter((decision) => decision.action === "run");
}

/** The last decision about the target at or before a time. */
function setpoint(expected: Expectation, result: CaseResult, at: string | undefined): Decision | undefined {
  if (at === undefined) throw new Error(`${CASE_CLUSTER}: this expectation needs "at"`);
  const id = expected.job ?? expected.service;
  return result.decisions
    .filter(({ decision, atMs }) => decision.target.id === id && atMs <= timeOf(at))
    .at(-1)?.decision;
}

function clockTime(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}
