import { expect, test } from "vitest";
import { createRegistry, observeStream } from "../../src/observe/index.ts";
import { createStreamMetrics } from "../../src/stream/index.ts";

test("what a worker counts is shown beside Node's own metrics, each metric once", async () => {
  const registry = createRegistry();
  const metrics = createStreamMetrics();
  observeStream(registry, metrics);
  metrics.commits = 3;
  metrics.recordsByTopic["carm.ticks"] = 7;
  metrics.lagByPartition["2"] = { records: 40, ms: 1500 };
  metrics.onTransaction(20);
  const text = await registry.metrics();
  expect(text).toContain('carm_stream_transactions_total{outcome="committed"} 3');
  expect(text).toContain('carm_stream_records_total{topic="carm.ticks"} 7');
  expect(text).toContain('carm_stream_lag_seconds{partition="2"} 1.5');
  expect(text).toContain("carm_stream_transaction_seconds_count 1");
  expect(text).toContain("nodejs_eventloop_lag_p99_seconds");
});
