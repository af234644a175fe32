import type { Epoch } from "../records/index.ts";

/** Below 0 if `a` is older than `b`, 0 if they are the same, above 0 if it is newer. */
export function compareEpochs(a: Epoch, b: Epoch): number {
  return a.incarnation - b.incarnation || a.sequence - b.sequence;
}
