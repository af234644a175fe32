import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareEpochs, DecisionView, defaultAgentLimits, type Receipt } from "../../src/agent/index.ts";
import type { Decision } from "../../src/records/index.ts";
import { decision, LEASE_MS, renewal, START } from "./harness.ts";

const atStart: Receipt = { wallMs: START, monotonicMs: 0 };

function viewOf(
  agent = "n1",
  reversionSpreadMs = 0,
  epochs: DecisionView["epochs"] = new Map(),
): DecisionView {
  return new DecisionView({ agent, limits: { ...defaultAgentLimits, reversionSpreadMs }, epochs });
}

function accept(view: DecisionView, decided: Decision, receipt = atStart) {
  return view.accept({ kind: "decided", decision: decided }, receipt);
}

function standing(view: DecisionView, nowMs: number, id = "a") {
  return view.standing(view.get("job", id)!, nowMs);
}

describe("the epoch of a decision", () => {
  test("an older decision about the same target is stale, the same one repeated", () => {
    const view = viewOf();
    expect(accept(view, decision("job", "a", 2))).toBe("accepted");
    expect(accept(view, decision("job", "a", 1))).toBe("stale");
    expect(accept(view, decision("job", "a", 2, { workers: 7 }))).toBe("repeated");
    expect(view.get("job", "a")!.decision.workers).toBeNull();
  });

  test("the incarnation goes before the sequence", () => {
    const view = viewOf();
    accept(view, decision("job", "a", 100));
    expect(accept(view, decision("job", "a", 1, { epoch: { incarnation: 2, sequence: 1 } }))).toBe(
      "accepted",
    );
    expect(accept(view, decision("job", "a", 101))).toBe("stale");
  });

  test("targets don't make each other stale: the latest of each is kept, however old", () => {
    const view = viewOf();
    accept(view, decision("job", "a", 9));
    expect(accept(view, decision("service", "a", 3))).toBe("accepted");
  });

  test("what was seen before a restart is stale after it, but the latest state is taken again", () => {
    const before = viewOf();
    accept(before, decision("job", "a", 5));
    const after = viewOf("n1", 0, before.epochs);
    expect(accept(after, decision("job", "a", 4))).toBe("stale");
    expect(accept(after, decision("job", "a", 5))).toBe("accepted");
  });

  test("a tombstone drops the target", () => {
    const view = viewOf();
    accept(view, decision("job", "a", 5));
    view.accept({ kind: "dropped", target: { kind: "job", id: "a" } }, atStart);
    expect(view.get("job", "a")).toBeUndefined();
    expect(view.epochs.size).toBe(0);
  });

  test("the epoch kept of a target only rises, whatever comes in whatever order", () => {
    const epoch = fc.record({ incarnation: fc.nat(3), sequence: fc.nat(9) });
    fc.assert(
      fc.property(fc.array(epoch), (epochs) => {
        const view = viewOf();
        let highest = { incarnation: -1, sequence: -1 };
        for (const next of epochs) {
          accept(view, decision("job", "a", 0, { epoch: next }));
          if (compareEpochs(next, highest) > 0) highest = next;
          expect(view.epochs.get("job/a")).toEqual(highest);
          expect(view.get("job", "a")!.decision.epoch).toEqual(highest);
        }
      }),
    );
  });
});

describe("the lease of a decision", () => {
  test("counts from receipt by the monotonic clock", () => {
    const view = viewOf();
    accept(view, decision("job", "a", 1), { wallMs: START + 500, monotonicMs: 77 });
    expect(standing(view, 77 + LEASE_MS - 1)).toBe("in-force");
    expect(standing(view, 77 + LEASE_MS)).toBe("lease-over");
  });

  test("is not made longer by a repeated decision", () => {
    const view = viewOf();
    accept(view, decision("job", "a", 1));
    accept(view, decision("job", "a", 1), { wallMs: START, monotonicMs: LEASE_MS - 1 });
    expect(standing(view, LEASE_MS)).toBe("lease-over");
  });

  test("is renewed for all targets by one record, also if it had ended", () => {
    const view = viewOf();
    accept(view, decision("job", "a", 1));
    accept(view, decision("job", "b", 2));
    accept(view, renewal(3), { wallMs: START, monotonicMs: 2 * LEASE_MS });
    for (const id of ["a", "b"]) {
      expect(standing(view, 3 * LEASE_MS - 1, id)).toBe("in-force");
      expect(standing(view, 3 * LEASE_MS, id)).toBe("lease-over");
    }
  });

  test("is not renewed by an incarnation that did not decide the target", () => {
    const view = viewOf();
    accept(view, decision("job", "a", 1));
    accept(view, renewal(1, { epoch: { incarnation: 2, sequence: 1 } }), {
      wallMs: START,
      monotonicMs: LEASE_MS,
    });
    expect(standing(view, LEASE_MS)).toBe("lease-over");
  });

  test("never ends for a target that holds, and never starts for a decision that is too old", () => {
    const view = viewOf();
    accept(view, decision("job", "a", 1, { onLeaseEnd: "hold" }));
    expect(standing(view, 1e12)).toBe("in-force");
    const old = decision("job", "b", 2, { observedAt: START - defaultAgentLimits.decisionAgeMaxMs - 1 });
    expect(accept(view, old)).toBe("late");
    expect(standing(view, 0, "b")).toBe("lease-over");
    accept(view, renewal(3));
    expect(standing(view, 0, "b")).toBe("in-force");
  });

  test("counts from when it was decided for a decision that lies back further than the limit", () => {
    const view = viewOf();
    const ageMs = defaultAgentLimits.decisionAgeMaxMs + 1;
    const long = { leaseMs: ageMs + 5_000, observedAt: START - ageMs };
    expect(accept(view, decision("job", "a", 1, long))).toBe("accepted");
    expect(standing(view, 4_999)).toBe("in-force");
    expect(standing(view, 5_000)).toBe("lease-over");
  });

  test("a lease record that releases ends what was decided before it, not what comes after", () => {
    const view = viewOf();
    accept(view, decision("job", "a", 1));
    accept(view, renewal(2, { action: "release" }));
    accept(view, decision("job", "b", 3));
    expect(standing(view, 0, "a")).toBe("released");
    expect(standing(view, 0, "b")).toBe("in-force");
  });

  test("ends at times spread over the window, the same at every try", () => {
    const window = 30_000;
    const ends = Array.from({ length: 200 }, (_, i) => {
      const view = viewOf(`n${i}`, window);
      accept(view, decision("job", "a", 1));
      return view.revertsAtMs(view.get("job", "a")!) - LEASE_MS;
    });
    expect(Math.min(...ends)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...ends)).toBeLessThan(window);
    for (let third = 0; third < 3; third++) {
      const inside = ends.filter((end) => Math.floor((3 * end) / window) === third);
      expect(inside.length).toBeGreaterThan(40);
    }
    const again = viewOf("n7", window);
    accept(again, decision("job", "a", 1));
    expect(again.revertsAtMs(again.get("job", "a")!) - LEASE_MS).toBe(ends[7]);
  });
});
