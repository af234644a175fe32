/** Buckets a doubling of latency, as the RequestRate schema lays them down. */
const BUCKETS_PER_DOUBLING = 4;

/** A quantile of a latency histogram, ms, by the geometric mean within its bucket; null if the histogram is empty. */
export function histogramQuantileMs(counts: readonly number[], quantile: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let seen = 0;
  for (const [bucket, count] of counts.entries()) {
    if (count > 0 && seen + count >= quantile * total) {
      const within = (quantile * total - seen) / count;
      return 2 ** ((bucket + within) / BUCKETS_PER_DOUBLING);
    }
    seen += count;
  }
  return null;
}
