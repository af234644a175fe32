import type { GpuSample, GpuTelemetry, Tenant } from "../../records/index.ts";
import { type ExposedSample, readExposition } from "./exposition.ts";
import { getText } from "./http.ts";

export interface DcgmOptions {
  /** Of one dcgm-exporter, for example http://node-3:9400/metrics. */
  readonly url: string;
  readonly cluster: string;
  readonly pool: string;
  /** By DCGM's modelName: how the cluster's profiles call that GPU. */
  readonly gpuModels: Readonly<Record<string, string>>;
}

/**
 * GPU telemetry from a dcgm-exporter, for clusters without node agents: for an assessment or in shadow. Clock locks can't
 * be seen there. A Slurm job (`hpc_job`) is a tenant of its name; a pod is an unknown tenant. MIG slices repeat the
 * figures of the whole board, which is taken once.
 */
export async function readDcgm(options: DcgmOptions, nowMs: number): Promise<GpuTelemetry[]> {
  const text = await getText({ provider: "dcgm-exporter", url: new URL(options.url) });
  const nodes = new Map<string, Map<string, Board>>();
  for (const sample of readExposition(text)) {
    const { UUID: uuid } = sample.labels;
    const node = sample.labels["hostname"] ?? sample.labels["Hostname"];
    if (uuid === undefined || node === undefined || !sample.name.startsWith("DCGM_FI_DEV_")) continue;
    const boards = nodes.get(node) ?? new Map<string, Board>();
    nodes.set(node, boards);
    const board = boards.get(uuid) ?? newBoard(sample);
    boards.set(uuid, board);
    board.values.set(sample.name.slice("DCGM_FI_DEV_".length), sample.value);
    addTenant(board, sample);
  }
  return [...nodes].map(([node, boards]) => ({
    cluster: options.cluster,
    observedAt: nowMs,
    node,
    pool: options.pool,
    sequence: nowMs,
    gpus: [...boards].map(([uuid, board]) => gpuSample(uuid, board, options.gpuModels)),
  }));
}

interface Board {
  readonly modelName: string;
  readonly values: Map<string, number>;
  readonly tenants: Map<string, Tenant["kind"]>;
}

function newBoard({ labels }: ExposedSample): Board {
  return { modelName: labels["modelName"] ?? "", values: new Map(), tenants: new Map() };
}

function addTenant({ tenants }: Board, { labels }: ExposedSample): void {
  if (labels["hpc_job"]) tenants.set(labels["hpc_job"], "job");
  else if (labels["pod"]) tenants.set(`${labels["namespace"] ?? ""}/${labels["pod"]}`, "unknown");
}

function gpuSample(uuid: string, board: Board, gpuModels: DcgmOptions["gpuModels"]): GpuSample {
  const value = (field: string) => board.values.get(field) ?? 0;
  const share = 1 / Math.max(1, board.tenants.size);
  return {
    uuid,
    model: gpuModels[board.modelName] ?? board.modelName,
    smClockMhz: Math.round(value("SM_CLOCK")),
    lockedSmClockMhz: null,
    overridden: false,
    powerWatts: value("POWER_USAGE"),
    energyMillijoules: Math.round(value("TOTAL_ENERGY_CONSUMPTION")),
    utilization: Math.min(1, value("GPU_UTIL") / 100),
    temperatureCelsius: value("GPU_TEMP"),
    // XID 79: the GPU has fallen off the bus.
    healthy: value("XID_ERRORS") !== 79,
    tenants: [...board.tenants].map(([id, kind]) => ({ kind, id, share })),
  };
}
