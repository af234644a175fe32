import { clusterKind } from "./clusters.ts";
import { incarnationKind } from "./incarnation.ts";
import type { Processor, StateKind } from "./processor.ts";

/** What a task keeps: the processor's own kinds, and what the runtime itself remembers. */
export function taskStateKinds({ stateKinds }: Processor): readonly StateKind<never>[] {
  return [...stateKinds, clusterKind as StateKind<never>, incarnationKind as StateKind<never>];
}
