import { physics } from "./physics.ts";
import { createDraws } from "./random.ts";

export interface Interval {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What goes wrong, drawn by simulated time and id alone: the same for every policy. Times lie on the step grid. */
export interface Faults {
  /** When a GPU is away, by rising start; may overlap. */
  gpuLosses(uuid: string): readonly Interval[];
  /** When a job crashes if it is running then, rising. */
  jobCrashes(job: string): readonly number[];
  /** Factor on a board's speed during the phase that holds `atMs`; 1 unless it straggles. */
  speedFactor(uuid: string, atMs: number): number;
}

const HOUR_MS = 3_600_000;

export function createFaults(seed: number, modelError: number, startsAt: number, endsAt: number): Faults {
  const times = (purpose: string, id: string, everyMs: number, meanMs: number) => {
    const draws = createDraws(seed, purpose, id);
    const found: { atMs: number; size: number }[] = [];
    for (let from = startsAt; from < endsAt; from += everyMs) {
      const index = Math.floor(from / everyMs) * 3;
      if (draws.uniform(index) >= (modelError * everyMs) / meanMs) continue;
      const offset = Math.floor((draws.uniform(index + 1) * everyMs) / physics.stepMs) * physics.stepMs;
      found.push({ atMs: from + offset, size: draws.uniform(index + 2) });
    }
    return found;
  };
  return {
    gpuLosses: (uuid) =>
      times("gpu-loss", uuid, HOUR_MS, physics.lossMeanTimeMs).map(({ atMs, size }) => {
        const length = physics.lossMinMs + size * (physics.lossMaxMs - physics.lossMinMs);
        return { fromMs: atMs, toMs: atMs + Math.round(length / physics.stepMs) * physics.stepMs };
      }),
    jobCrashes: (job) =>
      times("job-crash", job, physics.phaseMs, physics.crashMeanTimeMs).map(({ atMs }) => atMs),
    speedFactor: (uuid, atMs) => {
      const index = Math.floor(atMs / physics.phaseMs) * 2;
      const draws = createDraws(seed, "slow-phase", uuid);
      if (draws.uniform(index) >= modelError * physics.slowPhaseChance) return 1;
      const { slowPhaseFactorMin: low, slowPhaseFactorMax: high } = physics;
      return low + draws.uniform(index + 1) * (high - low);
    },
  };
}
