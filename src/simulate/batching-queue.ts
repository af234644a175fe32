import { createDraws } from "./random.ts";

/** A batching server and its arrivals. Time is counted in service times of a single request. */
export interface BatchingQueue {
  /** Part of a single request's service time that does not grow with the batch. */
  readonly setupShare: number;
  readonly maxBatch: number;
  readonly arrivalRate: number;
  /** Coefficient of variation of the rate from burst to burst (Markov-modulated Poisson), and their mean length. */
  readonly burst: number;
  readonly burstLength: number;
}

export interface QueueRun {
  /** One a request, in order of arrival. */
  readonly latencies: Float64Array;
  /** Share of time that the server is busy. */
  readonly busyShare: number;
}

/**
 * Serves `requests` requests one by one: a free server takes all that wait, up to a full batch, and needs
 * setup + b × marginal for b of them. The same draws meet every arrival rate.
 */
export function runBatchingQueue(queue: BatchingQueue, requests: number): QueueRun {
  const arrivals = drawArrivals(queue, requests);
  const latencies = new Float64Array(requests);
  let freeAt = 0;
  let busy = 0;
  let next = 0;
  while (next < requests) {
    const startsAt = Math.max(freeAt, arrivals[next]!);
    let batch = 1;
    while (batch < queue.maxBatch && arrivals[next + batch]! <= startsAt) batch += 1;
    const service = queue.setupShare + batch * (1 - queue.setupShare);
    freeAt = startsAt + service;
    busy += service;
    for (const last = next + batch; next < last; next += 1) latencies[next] = freeAt - arrivals[next]!;
  }
  return { latencies, busyShare: busy / freeAt };
}

function drawArrivals(queue: BatchingQueue, requests: number): Float64Array {
  const gaps = createDraws(0, "batching-queue", "gaps");
  const burstLengths = createDraws(0, "batching-queue", "burst-lengths");
  const burstRates = createDraws(0, "batching-queue", "burst-rates");
  const arrivals = new Float64Array(requests);
  let now = 0;
  let burst = -1;
  let burstEndsAt = 0;
  let rate = 0;
  for (let i = 0; i < requests; i += 1) {
    let wanted = -Math.log(1 - gaps.uniform(i));
    while (now + wanted / Math.max(rate, Number.MIN_VALUE) > burstEndsAt) {
      wanted -= (burstEndsAt - now) * rate;
      now = burstEndsAt;
      burst += 1;
      burstEndsAt = now - queue.burstLength * Math.log(1 - burstLengths.uniform(burst));
      rate = queue.arrivalRate * burstRates.lognormal(burst, queue.burst);
    }
    now += wanted / rate;
    arrivals[i] = now;
  }
  return arrivals;
}
