import { describe, expect, test } from "vitest";
import { simulate } from "./simulation.ts";
import { Totals } from "./totals.ts";
import type { WorkloadName } from "./workload.ts";

// `npm run test:crash` plays thousands.
describe("whatever fails, and wherever", () => {
  test.each<[WorkloadName, number]>([
    ["trace", 60],
    ["carm", 4],
  ])("state, outputs and interleavings equal a fold of the input (%s)", async (name, seeds) => {
    const totals = new Totals();
    for (let seed = 1; seed <= seeds; seed++) {
      try {
        totals.add(await simulate(seed, name));
      } catch (cause) {
        throw new Error(`npm run test:crash -- --seed ${seed} --seeds 1 --processor ${name}`, { cause });
      }
    }
    expect(totals.missing(seeds)).toEqual([]);
  });
});
