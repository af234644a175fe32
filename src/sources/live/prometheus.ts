import { z } from "zod";
import type { RequestRate } from "../../records/index.ts";
import { getJson } from "./http.ts";

/** PromQL by what it gives; `$window` stands for the window's length, for example 60s. */
export interface ServiceQueries {
  readonly service: string;
  /** Requests that arrived in the window. */
  readonly arrivals: string;
  /** Requests completed in the window; arrivals if left out. */
  readonly completions?: string | undefined;
  /** Requests waiting at its end; 0 if left out. */
  readonly queueDepth?: string | undefined;
  /** Completions over the latency target; read off the histogram if left out. */
  readonly overTarget?: string | undefined;
  /** Increase of a classic histogram in seconds, by `le`. */
  readonly latencyBuckets: string;
  readonly latencyTargetMs: number;
}

export interface PrometheusOptions {
  readonly url: string;
  readonly cluster: string;
  /** For a Prometheus that asks for it. */
  readonly token?: string | undefined;
}

const BUCKETS = 64;
const BUCKETS_PER_DOUBLING = 4;

const vectorShape = z.object({
  status: z.literal("success"),
  data: z.object({
    resultType: z.literal("vector"),
    result: z.array(
      z.object({
        metric: z.record(z.string(), z.string()),
        value: z.tuple([z.number(), z.string().transform(Number)]),
      }),
    ),
  }),
});
type Vector = z.infer<typeof vectorShape>["data"]["result"];

/**
 * One window of a service, ending at `endsAt`, as a Prometheus saw it. Counts are rounded: Prometheus extrapolates
 * increases. Null if it knows nothing of the service in that window.
 */
export async function readServiceWindow(
  options: PrometheusOptions,
  queries: ServiceQueries,
  endsAt: number,
  durationMs: number,
): Promise<RequestRate | null> {
  const ask = async (query: string | undefined): Promise<Vector> => {
    if (query === undefined) return [];
    const url = new URL("api/v1/query", options.url.endsWith("/") ? options.url : `${options.url}/`);
    const text = query.replaceAll("$window", `${durationMs / 1000}s`);
    url.search = new URLSearchParams({ query: text, time: String(endsAt / 1000) }).toString();
    const headers = options.token === undefined ? {} : { authorization: `Bearer ${options.token}` };
    const request = { provider: "Prometheus", url, headers, credentials: "its token" };
    return (await getJson(request, vectorShape)).data.result;
  };
  const [arrivals, completions, queueDepth, overTarget, buckets] = await Promise.all([
    ask(queries.arrivals),
    ask(queries.completions ?? queries.arrivals),
    ask(queries.queueDepth),
    ask(queries.overTarget),
    ask(queries.latencyBuckets),
  ]);
  if (arrivals.length === 0) return null;
  const latencyCounts = countsByBucket(buckets);
  const over =
    queries.overTarget === undefined ? countAbove(buckets, queries.latencyTargetMs) : sum(overTarget);
  const done = Math.max(Math.round(sum(completions)), total(latencyCounts));
  return {
    cluster: options.cluster,
    observedAt: endsAt,
    service: queries.service,
    startsAt: endsAt - durationMs,
    durationMs,
    arrivals: Math.round(sum(arrivals)),
    completions: done,
    queueDepth: Math.round(sum(queueDepth)),
    overTarget: Math.min(done, Math.round(over)),
    latencyCounts,
  };
}

/** Cumulative counts by upper bound, ms, rising. */
function bounds(buckets: Vector): { upperMs: number; count: number }[] {
  return buckets
    .map(({ metric, value }) => ({ upperMs: 1000 * upperBound(metric["le"] ?? ""), count: value[1] }))
    .filter(({ upperMs, count }) => !Number.isNaN(upperMs) && Number.isFinite(count))
    .sort((a, b) => a.upperMs - b.upperMs);
}

/** Prometheus writes infinity in its own way. */
function upperBound(le: string): number {
  return le === "+Inf" ? Number.POSITIVE_INFINITY : Number(le);
}

/** Counts of a RequestRate histogram: each bucket of Prometheus goes to where its geometric middle lies. */
function countsByBucket(buckets: Vector): number[] {
  const counts = new Array<number>(BUCKETS).fill(0);
  let lowerMs = 0;
  let below = 0;
  for (const { upperMs, count } of bounds(buckets)) {
    const within = Math.max(0, Math.round(count - below));
    const middleMs = Number.isFinite(upperMs) ? Math.sqrt(Math.max(1, lowerMs) * upperMs) : lowerMs;
    const bucket = Math.floor(BUCKETS_PER_DOUBLING * Math.log2(Math.max(1, middleMs)));
    counts[Math.min(BUCKETS - 1, Math.max(0, bucket))]! += within;
    lowerMs = upperMs;
    below = Math.max(below, count);
  }
  return counts;
}

/** Completions above a target: those above the highest bound within it, so a target between two bounds counts too many. */
function countAbove(buckets: Vector, targetMs: number): number {
  const sorted = bounds(buckets);
  const all = sorted.at(-1)?.count ?? 0;
  const within = sorted.filter(({ upperMs }) => upperMs <= targetMs).at(-1)?.count ?? 0;
  return all - within;
}

function sum(vector: Vector): number {
  return vector.reduce((running, { value }) => running + value[1], 0);
}

function total(counts: readonly number[]): number {
  return counts.reduce((running, count) => running + count, 0);
}
