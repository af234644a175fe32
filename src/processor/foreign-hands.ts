import type { GpuSample, Profile } from "../records/index.ts";
import type { Context } from "./context.ts";
import type { JobRecord } from "./state.generated.ts";
import { nodeKind } from "./state-kinds.ts";

/** What of a cluster is set by somebody else and so is fixed for a plan, as observed last. */
export interface ForeignHands {
  /** Clock of a target none of whose boards, or not all of a gang's, obey: MHz by `kind/id`. */
  readonly fixedClockMhz: ReadonlyMap<string, number>;
  /** Lowest clock of a pool none of whose boards obeys, MHz: what a job that has no board yet will run at. */
  readonly fixedPoolClockMhz: ReadonlyMap<string, number>;
  /** Watts of boards that serve nobody known: no plan moves them. */
  readonly watts: number;
}

/**
 * A gang is as slow as its slowest board, so one overridden board fixes a job; a service still has a clock to decide
 * as long as one of its boards obeys.
 */
export function foreignHands(context: Context): ForeignHands {
  const fixedClockMhz = new Map<string, number>();
  const fixedPoolClockMhz = new Map<string, number>();
  const obeying = new Set<string>();
  const obeyingPools = new Set<string>();
  let watts = 0;
  for (const [, node] of context.state.range(nodeKind, context.cluster)) {
    for (const gpu of node.gpus) {
      if (gpu.overridden) lower(fixedPoolClockMhz, node.pool, heldClockMhz(gpu));
      else if (gpu.healthy) obeyingPools.add(node.pool);
      if (isTakenByUnknown(gpu) || (gpu.overridden && gpu.tenants.length === 0)) watts += gpu.powerWatts;
      for (const { kind, id } of gpu.tenants) {
        const key = `${kind}/${id}`;
        if (!gpu.overridden) {
          if (kind === "service") obeying.add(key);
          continue;
        }
        lower(fixedClockMhz, key, heldClockMhz(gpu));
      }
    }
  }
  for (const key of obeying) fixedClockMhz.delete(key);
  for (const pool of obeyingPools) fixedPoolClockMhz.delete(pool);
  return { fixedClockMhz, fixedPoolClockMhz, watts };
}

function heldClockMhz(gpu: GpuSample): number {
  return gpu.lockedSmClockMhz ?? gpu.smClockMhz;
}

function lower(clocks: Map<string, number>, key: string, clockMhz: number): void {
  clocks.set(key, Math.min(clockMhz, clocks.get(key) ?? Number.POSITIVE_INFINITY));
}

/** A board that only unknown tenants hold: nothing can be placed there. */
export function isTakenByUnknown({ tenants }: GpuSample): boolean {
  return tenants.length > 0 && tenants.every(({ kind }) => kind === "unknown");
}

/** The profile on a device that has but this clock, or the nearest that it has. */
export function atFixedClock(profile: Profile, smClockMhz: number | undefined): Profile {
  if (smClockMhz === undefined) return profile;
  const { minSmClockMhz, maxSmClockMhz, smClockStepMhz } = profile.gpu;
  const steps = Math.round((Math.min(smClockMhz, maxSmClockMhz) - minSmClockMhz) / smClockStepMhz);
  const clock = minSmClockMhz + Math.max(0, steps) * smClockStepMhz;
  return { ...profile, gpu: { ...profile.gpu, minSmClockMhz: clock, maxSmClockMhz: clock } };
}

/** A job in somebody else's hands: it keeps the workers it has. */
export function asObserved(job: JobRecord): Partial<JobRecord["spec"]> {
  if (!job.overridden) return {};
  const { workers } = job;
  return {
    requestedWorkers: workers,
    minWorkers: workers,
    maxWorkers: workers,
    pausable: false,
    resizable: false,
  };
}
