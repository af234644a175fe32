import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checkCase } from "../support/case-expectations.ts";
import type { DecisionCase } from "../support/case-format.ts";
import { runCase } from "../support/case-runner.ts";

const folder = new URL("../cases/", import.meta.url);

describe("decision cases", () => {
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
    const given = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as DecisionCase;
    it(`${given.title} (${file})`, () => {
      expect(given.expect.length).toBeGreaterThan(0);
      expect(checkCase(given, runCase(given))).toEqual([]);
    });
  }
});
