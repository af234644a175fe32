import { afterEach, describe, expect, test } from "vitest";
import { histogramQuantileMs, validateRecord } from "../../../src/records/index.ts";
import { readDcgm, readServiceWindow } from "../../../src/sources/index.ts";
import { StandIn } from "./stand-in.ts";

const now = Date.UTC(2025, 9, 17, 11, 20);

let standIn: StandIn | undefined;
afterEach(async () => {
  await standIn?.stop();
  standIn = undefined;
});

describe("dcgm-exporter", () => {
  const exposition = `# HELP DCGM_FI_DEV_SM_CLOCK SM clock frequency (in MHz).
# TYPE DCGM_FI_DEV_SM_CLOCK gauge
DCGM_FI_DEV_SM_CLOCK{gpu="0",UUID="GPU-a",modelName="NVIDIA H100",hostname="n1",hpc_job="77"} 1410
DCGM_FI_DEV_POWER_USAGE{gpu="0",UUID="GPU-a",modelName="NVIDIA H100",hostname="n1",hpc_job="77"} 312.5
DCGM_FI_DEV_TOTAL_ENERGY_CONSUMPTION{gpu="0",UUID="GPU-a",modelName="NVIDIA H100",hostname="n1",hpc_job="77"} 123456789012
DCGM_FI_DEV_GPU_UTIL{gpu="0",UUID="GPU-a",modelName="NVIDIA H100",hostname="n1",hpc_job="77"} 87
DCGM_FI_DEV_GPU_TEMP{gpu="0",UUID="GPU-a",modelName="NVIDIA H100",hostname="n1",hpc_job="77"} 61
DCGM_FI_DEV_SM_CLOCK{gpu="1",UUID="GPU-b",modelName="NVIDIA H100",Hostname="n1",pod="web-\\"1\\"",namespace="prod",GPU_I_ID="3"} 345
DCGM_FI_DEV_SM_CLOCK{gpu="1",UUID="GPU-b",modelName="NVIDIA H100",Hostname="n1",pod="web-\\"1\\"",namespace="prod",GPU_I_ID="4"} 345
DCGM_FI_DEV_XID_ERRORS{gpu="1",UUID="GPU-b",modelName="NVIDIA H100",Hostname="n1"} 79
this is no sample
`;

  test("becomes one record a node, with tenants, older host labels and MIG slices taken as one board", async () => {
    standIn = await StandIn.start(() => ({ body: exposition }));
    const [record, ...others] = await readDcgm(
      { url: `${standIn.url}/metrics`, cluster: "lab", pool: "main", gpuModels: { "NVIDIA H100": "h100" } },
      now,
    );
    expect(others).toEqual([]);
    expect(() => validateRecord("carm.gpu-telemetry", record!)).not.toThrow();
    expect(record).toMatchObject({
      node: "n1",
      gpus: [
        {
          uuid: "GPU-a",
          model: "h100",
          smClockMhz: 1410,
          powerWatts: 312.5,
          energyMillijoules: 123_456_789_012,
          utilization: 0.87,
          healthy: true,
          tenants: [{ kind: "job", id: "77", share: 1 }],
        },
        { uuid: "GPU-b", healthy: false, tenants: [{ kind: "unknown", id: 'prod/web-"1"', share: 1 }] },
      ],
    });
  });
});

describe("Prometheus", () => {
  const vector = (...result: [Record<string, string>, number][]) => ({
    body: {
      status: "success",
      data: {
        resultType: "vector",
        result: result.map(([metric, value]) => ({ metric, value: [now / 1000, String(value)] })),
      },
    },
  });
  const queries = {
    service: "chat",
    arrivals: "sum(increase(arrived[$window]))",
    latencyBuckets: "sum by (le) (increase(latency_bucket[$window]))",
    latencyTargetMs: 500,
  };

  test("a window is what the queries say, with a histogram whose quantiles are near those of Prometheus", async () => {
    standIn = await StandIn.start((url) =>
      url.searchParams.get("query")?.includes("arrived")
        ? vector([{}, 99.7])
        : vector([{ le: "0.1" }, 40], [{ le: "0.5" }, 90], [{ le: "1" }, 98], [{ le: "+Inf" }, 100]),
    );
    const options = { url: standIn.url, cluster: "lab" };
    const window = await readServiceWindow(options, queries, now, 60_000);
    expect(window).toMatchObject({ arrivals: 100, completions: 100, overTarget: 10, startsAt: now - 60_000 });
    expect(() => validateRecord("carm.request-rate", window!)).not.toThrow();
    const median = histogramQuantileMs(window!.latencyCounts, 0.5)!;
    expect(median).toBeGreaterThan(100);
    expect(median).toBeLessThan(500);
    expect(standIn.asked.some((url) => url.searchParams.get("query")?.includes("[60s]"))).toBe(true);
  });

  test("a service that Prometheus knows nothing of has no window", async () => {
    standIn = await StandIn.start(() => vector());
    const options = { url: standIn.url, cluster: "lab" };
    expect(await readServiceWindow(options, queries, now, 60_000)).toBeNull();
  });
});
