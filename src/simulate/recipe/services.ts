import { assert, type Pool, type Profile } from "../../records/index.ts";
import { fullRatePerMs, highestLoadWithin, isolatedLatencyMs, latencyTableOf } from "../latency-table.ts";
import type { ScenarioOptions, ScenarioService } from "../scenario.ts";
import type { TraceSet } from "../trace-set.ts";
import { recipe } from "./constants.ts";

export interface ServiceParts {
  readonly services: readonly ScenarioService[];
  /** Mean power above idle at the highest clock over the run, watts: for the scale of on-site supply. */
  readonly meanBusyWatts: number;
  readonly provenance: readonly string[];
}

/** One service a profile: its latency target and peak rate from what the highest clock can do. */
export async function buildServices(
  options: ScenarioOptions,
  endsAt: number,
  pool: Pool,
  profiles: readonly Profile[],
  traces: TraceSet,
): Promise<ServiceParts> {
  const services: ScenarioService[] = [];
  const provenance: string[] = [];
  let meanBusyWatts = 0;
  for (let number = 0; number < recipe.services; number += 1) {
    const profile = profiles[number % profiles.length]!;
    const { batching } = profile;
    assert(batching !== null, `${profile.model} has no batching figures.`);
    const gpus = pool.gpus / recipe.services;
    const isolatedMs = isolatedLatencyMs(batching);
    const latencyTargetMs = Math.max(1, Math.round(recipe.latencyTargetFactor * isolatedMs));
    const table = latencyTableOf(batching, options.modelError);
    const highestLoad = highestLoadWithin(table, recipe.latencyQuantile, latencyTargetMs / isolatedMs);
    const fullRate = fullRatePerMs(batching) * 1000 * gpus;
    const peakRate = recipe.peakShare[options.load] * highestLoad * fullRate;
    const ratesStartAt = options.startsAt - recipe.rateHistoryMs;
    const shape = await traces.requestRate(number, ratesStartAt, endsAt, recipe.rateStepMs);
    services.push({
      id: `service-${number + 1}`,
      spec: {
        pool: pool.name,
        model: profile.model,
        latencyQuantile: recipe.latencyQuantile,
        latencyTargetMs,
        gpus,
      },
      ratesStartAt,
      rateStepMs: recipe.rateStepMs,
      requestsPerSecond: shape.map((share) => share * peakRate),
    });
    const run = shape.subarray(recipe.rateHistoryMs / recipe.rateStepMs);
    const busy =
      run.reduce((sum, share) => sum + table.busyShare(Math.min(1, (share * peakRate) / fullRate)), 0) /
      run.length;
    meanBusyWatts += gpus * busy * (profile.curve.at(-1)!.powerWatts - profile.gpu.idlePowerWatts);
    provenance.push(
      `service-${number + 1}: ${profile.model} on ${gpus} GPUs, 99 % within ${latencyTargetMs} ms (${recipe.latencyTargetFactor} times a lone request's latency), usual peak ${peakRate.toPrecision(3)} requests/s (${100 * recipe.peakShare[options.load]} % of what the highest clock serves within that).`,
    );
  }
  provenance.push(
    `Request rates: shape ${traces.kind === "recorded" ? "recorded" : "of a typical week, not a recording"}; arrivals are drawn around them, with bursts.`,
  );
  return { services, meanBusyWatts, provenance };
}
