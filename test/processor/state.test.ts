import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { generateState } from "../../scripts/generate-state.ts";
import { jobKind, ledgerKind, nodeKind, planKind } from "../../src/processor/state-kinds.ts";
import { CarmError } from "../../src/records/index.ts";

const kinds = [jobKind, ledgerKind, nodeKind, planKind];

describe("state entries", () => {
  it("the generated types and schemas are what schemas/state/ says", () => {
    const file = new URL("../../src/processor/state.generated.ts", import.meta.url);
    expect(
      readFileSync(file, "utf8") === generateState(),
      "run `npm run generate` and commit the result",
    ).toBe(true);
  });

  it("bytes that are no entry are refused with a code, whatever they are", () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.uint8Array({ maxLength: 64 }), (kind, bytes) => {
        try {
          kind.decode(Uint8Array.from([1, ...bytes]));
        } catch (error) {
          expect((error as CarmError).code).toBe("ERR_STATE_CORRUPT");
        }
      }),
    );
  });

  it("an entry of another format version is refused as such", () => {
    expect(() => jobKind.decode(Uint8Array.from([9, 0]))).toThrow(
      expect.objectContaining({ code: "ERR_STATE_VERSION" }),
    );
  });

  it("a claimed count of items that the bytes can't hold is refused at once", () => {
    const huge = Uint8Array.from([1, 0, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x07]);
    expect(() => ledgerKind.decode(huge)).toThrow(CarmError);
  });
});
