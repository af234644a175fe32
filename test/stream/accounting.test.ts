import { expect, test } from "vitest";
import { account } from "./accounting.ts";
import { createLog } from "./harness.ts";

// On a real broker, with a million: `npm run test:accounting`.
test("every record is accounted for, though a tenth can't be used where it lies", async () => {
  const log = await createLog(4);
  const { sent, processed, rerouted, deadLettersByReason } = await account(log, 20_000);
  const deadLetters = Object.values(deadLettersByReason).reduce((sum, count) => sum + count, 0);
  expect(processed + deadLetters).toBe(sent);
  expect(rerouted).toBeGreaterThan(300);
  expect(Object.keys(deadLettersByReason).sort()).toEqual([
    "ERR_LIMIT_EXCEEDED",
    "ERR_RECORD_INVALID",
    "ERR_RECORD_MALFORMED",
    "ERR_RECORD_SCHEMA_UNKNOWN",
  ]);
});
