import { spawnSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dashboardFiles } from "../../../scripts/generate-dashboards.ts";
import { until } from "../until.ts";
import { Pipeline } from "./pipeline.ts";
import { Prometheus } from "./prometheus.ts";

interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly targets: readonly { readonly expr: string }[];
  }[];
}

const queries = [...dashboardFiles()].flatMap(([file, text]) =>
  (JSON.parse(text) as Dashboard).panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }) => ({ panel: `${file}: ${title}`, expr })),
  ),
);

/** A query as Grafana would send it with everything chosen. */
function filledIn(expr: string): string {
  return expr
    .replaceAll("$__rate_interval", "5s")
    .replaceAll("$__range", "2m")
    .replace(/\$(job|instance|cluster)\b/g, ".+");
}

let pipeline: Pipeline;
let prometheus: Prometheus;

beforeAll(async () => {
  pipeline = await Pipeline.start();
  prometheus = await Prometheus.start(pipeline.ports);
  // One record that is none, so that the panel of dead letters has something to show.
  const producer = await pipeline.broker.producer();
  const junk = { key: null, value: new Uint8Array([9, 9]), timestamp: Date.UTC(2023, 5, 5) };
  await until(
    "the processor is scraped",
    async () => (await prometheus.query("carm_stream_flushes_total")).length > 0,
  );
  await producer.send([{ topic: "carm.request-rate", partition: 0, ...junk }]);
  await pipeline.replayed;
});

afterAll(async () => {
  await prometheus?.stop();
  await pipeline?.stop();
});

describe("dashboards on a running pipeline", () => {
  test.each(queries)("$panel has data", async ({ expr }) => {
    await until(
      `there is data for ${expr}`,
      async () => {
        const found = await prometheus.query(filledIn(expr));
        return found.some(({ value }) => Number.isFinite(Number(value[1])));
      },
      10_000,
    );
  });
});

test("what both processes expose is clean by the rules of promtool", async () => {
  for (const port of Object.values(pipeline.ports)) {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    const own = text.split("\n").filter((line) => /^(# (HELP|TYPE) )?carm_/.test(line));
    const checked = spawnSync("promtool", ["check", "metrics"], { input: `${own.join("\n")}\n` });
    expect(checked.stdout.toString() + checked.stderr.toString()).toBe("");
  }
});

test("the rules pass their unit tests", () => {
  const file = new URL("../../../grafana/prometheus/carm.rules.test.yaml", import.meta.url).pathname;
  const { status, stdout, stderr } = spawnSync("promtool", ["test", "rules", file]);
  expect(status, `${stdout}${stderr}`).toBe(0);
});
