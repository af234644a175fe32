import { afterEach, beforeEach, describe } from "vitest";
import type { Broker } from "../../src/broker/index.ts";
import { describeFencing } from "./conformance/fencing.ts";
import { describeGroups } from "./conformance/groups.ts";
import { describeReadProcessWrite } from "./conformance/read-process-write.ts";
import { describeReading } from "./conformance/reading.ts";
import { Suite } from "./conformance/suite.ts";
import { describeTopics } from "./conformance/topics.ts";
import { describeTransactions } from "./conformance/transactions.ts";

/**
 * What every adapter of the broker port promises. Nothing is assumed to be visible at once: each expectation waits
 * for a position or a state to be reached. `factory` gives a fresh connection; topics and groups have unique names,
 * so one real broker can serve the whole suite.
 */
export function describeBroker(name: string, factory: () => Promise<Broker>): void {
  describe(name, () => {
    const suite = new Suite(factory);
    beforeEach(() => suite.open());
    afterEach(() => suite.close());
    describeTopics(suite);
    describeReading(suite);
    describeTransactions(suite);
    describeFencing(suite);
    describeGroups(suite);
    describeReadProcessWrite(suite);
  });
}
