import { accountOf, energyBetweenJoules, splitByHour } from "../../ledger/index.ts";
import type { GpuSample, GpuTelemetry } from "../../records/index.ts";
import { unusableGpus, watchCapacity } from "../capacity.ts";
import { type Context, requestPlan } from "../context.ts";
import { hourAccount, keepHourAccount } from "../ledger-hours.ts";
import { nodeKind } from "../state-kinds.ts";

/**
 * Energy goes to whoever holds the board at the end of the sample, split at full hours. A sample that is not newer
 * than the node's last is dropped: the energy counter makes good what is lost.
 */
export function takeGpuTelemetry(context: Context, record: GpuTelemetry): void {
  const last = context.state.get(nodeKind, context.cluster, record.node);
  if (last !== undefined && record.observedAt <= last.observedAt) {
    if (record.observedAt === last.observedAt) context.control.duplicates += 1;
    else context.control.late += 1;
    return;
  }
  if (last !== undefined) {
    const before = new Map(last.gpus.map((gpu) => [gpu.uuid, gpu]));
    for (const gpu of record.gpus) {
      const previous = before.get(gpu.uuid);
      if (previous !== undefined) {
        bookEnergy(context, last.observedAt, record.observedAt, previous, gpu);
      }
    }
  }
  const lostBefore = last === undefined ? 0 : unusableGpus(last);
  context.state.put(nodeKind, context.cluster, record.node, {
    pool: record.pool,
    observedAt: record.observedAt,
    gpus: record.gpus,
  });
  if (unusableGpus(record) !== lostBefore) watchCapacity(context);
  if (overriddenGpus(record) !== (last === undefined ? 0 : overriddenGpus(last))) {
    requestPlan(context, "overridden");
  }
}

function overriddenGpus({ gpus }: Pick<GpuTelemetry, "gpus">): number {
  return gpus.filter((gpu) => gpu.overridden).length;
}

function bookEnergy(
  context: Context,
  fromMs: number,
  toMs: number,
  previous: GpuSample,
  gpu: GpuSample,
): void {
  const joules = energyBetweenJoules(previous.energyMillijoules, gpu.energyMillijoules);
  for (const part of splitByHour(fromMs, toMs, joules)) {
    const hour = hourAccount(context, part.startsAt);
    for (const share of shares(gpu)) {
      accountOf(hour, share.kind, share.id).energyJoules += part.amount * share.share;
    }
    keepHourAccount(context, part.startsAt, hour);
  }
}

/** Who pays for a board: its tenants in proportion to their shares; unknown tenants count as idle. */
function shares(gpu: GpuSample): { kind: "job" | "service" | "idle"; id: string; share: number }[] {
  const total = gpu.tenants.reduce((sum, tenant) => sum + tenant.share, 0);
  if (total === 0) return [{ kind: "idle", id: "", share: 1 }];
  return gpu.tenants.map((tenant) =>
    tenant.kind === "unknown"
      ? { kind: "idle", id: "", share: tenant.share / total }
      : { kind: tenant.kind, id: tenant.id, share: tenant.share / total },
  );
}
