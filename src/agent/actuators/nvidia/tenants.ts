import type { Tenant } from "../../../records/index.ts";
import type { BoardReading } from "./driver.ts";

/** A job or a service, by the id under which it is planned. */
export interface Owner {
  readonly kind: "job" | "service";
  readonly id: string;
}

/** Whose process it is; null if nobody knows. */
export type FindOwner = (pid: number) => Promise<Owner | null>;

/**
 * Turns what runs on a board into its tenants. Tenants of a whole board share it evenly; one in MIG instances has the
 * share of its instances. What nobody knows is a tenant of its own, so that such a board is left to the hardware.
 */
export function tenantsBy(findOwner: FindOwner): (reading: BoardReading) => Promise<readonly Tenant[]> {
  return async ({ processes, instances }) => {
    const places = new Map<
      string,
      { readonly owner: Owner | null; readonly instances: Set<number | null> }
    >();
    for (const { pid, gpuInstance } of processes) {
      const owner = await findOwner(pid);
      const key = owner === null ? "unknown" : `${owner.kind}/${owner.id}`;
      const place = places.get(key) ?? { owner, instances: new Set() };
      place.instances.add(gpuInstance);
      places.set(key, place);
    }
    return [...places.values()].map(({ owner, instances: used }) => ({
      kind: owner?.kind ?? "unknown",
      id: owner?.id ?? "",
      share: shareOf(used, instances, places.size),
    }));
  };
}

function shareOf(
  used: ReadonlySet<number | null>,
  instances: ReadonlyMap<number, number>,
  tenants: number,
): number {
  if (used.has(null) || instances.size === 0) return 1 / tenants;
  let share = 0;
  for (const instance of used) share += instances.get(instance!) ?? 0;
  return Math.min(1, share);
}
