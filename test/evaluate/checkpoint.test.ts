import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Checkpoint } from "../../src/cli/evaluate/checkpoint.ts";

describe("a checkpoint", () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "carm-checkpoint-"));
    file = join(folder, "results.jsonl");
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("has after an interruption what was put before", () => {
    new Checkpoint(file).put("a", { kind: "oracle", kgCo2: 1 });
    expect(new Checkpoint(file).get("a")).toEqual({ kind: "oracle", kgCo2: 1 });
    expect(new Checkpoint(file).get("b")).toBeUndefined();
  });

  it("drops a line that was cut off and goes on behind the last whole one", () => {
    new Checkpoint(file).put("a", { kind: "oracle", kgCo2: 1 });
    appendFileSync(file, '{"key":"b","result":{"kin');
    const resumed = new Checkpoint(file);
    resumed.put("c", { kind: "oracle", kgCo2: 3 });
    expect(readFileSync(file, "utf8").trimEnd().split("\n")).toHaveLength(2);
    expect(new Checkpoint(file).get("c")).toEqual({ kind: "oracle", kgCo2: 3 });
  });

  it("refuses a file that is something else", () => {
    appendFileSync(file, "timestamp,gco2_per_kwh\n2023-01-01T00:00Z,1\n");
    expect(() => new Checkpoint(file)).toThrow(expect.objectContaining({ code: "ERR_OPTION_INVALID" }));
  });
});
