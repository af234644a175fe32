import { describe, expect, test } from "vitest";
import { defaultLimits, resolveLimits } from "../../src/stream/limits.ts";
import { TaskLifecycle } from "../../src/stream/task-lifecycle.ts";

describe("limits", () => {
  test("are the defaults where nothing else is said", () => {
    expect(resolveLimits({ mergeWaitMs: 0 })).toEqual({ ...defaultLimits, mergeWaitMs: 0 });
  });

  test.each([
    { maxRecordsPerTransaction: 0 },
    { mergeWaitMs: -1 },
    { maxRecordBytes: 1.5 },
    { maxCachedEntries: Number.NaN },
    { maxTransactions: 1 } as object,
  ])("refuse %j, naming the limit", (given) => {
    expect(() => resolveLimits(given)).toThrow(
      expect.objectContaining({
        code: "ERR_OPTION_INVALID",
        message: expect.stringContaining(Object.keys(given)[0]!),
      }),
    );
  });
});

describe("the life cycle of a task", () => {
  test("allows the way from created to closed, and commits in between", () => {
    const lifecycle = new TaskLifecycle();
    const way = ["fencing", "restoring", "restored", "running", "committing", "running", "closed"] as const;
    for (const phase of way) lifecycle.moveTo(phase);
    expect(lifecycle.phase).toBe("closed");
  });

  test("refuses to run before restoring, and to do anything once closed", () => {
    const lifecycle = new TaskLifecycle();
    lifecycle.moveTo("fencing");
    expect(() => lifecycle.moveTo("running")).toThrow(/from fencing to running/);
    lifecycle.moveTo("closed");
    expect(() => lifecycle.moveTo("fencing")).toThrow(/from closed/);
  });
});
