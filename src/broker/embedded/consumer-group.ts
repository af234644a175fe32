import type { PartitionLog } from "./partition-log.ts";

/** A member as its group sees it. */
export interface GroupMember {
  readonly partitionCount: number;
  /** Called when the group's assignment has changed. */
  readonly wake: () => void;
}

/** Members and committed positions of a group. Partition numbers, not single partitions, are shared out. */
export class ConsumerGroup {
  readonly committed = new Map<PartitionLog, number>();
  #assignments: ReadonlyMap<GroupMember, ReadonlySet<number>> = new Map();

  join(member: GroupMember): void {
    this.#rebalance([...this.#assignments.keys(), member]);
  }

  leave(member: GroupMember): void {
    this.#rebalance([...this.#assignments.keys()].filter((other) => other !== member));
  }

  /** What a member is to own from its next poll on; the same set until the next rebalance. */
  assignment(member: GroupMember): ReadonlySet<number> {
    return this.#assignments.get(member) ?? nothing;
  }

  #rebalance(members: readonly GroupMember[]): void {
    const partitions = Math.max(0, ...members.map((member) => member.partitionCount));
    this.#assignments = shareOut(partitions, members, this.#assignments);
    for (const member of members) member.wake();
  }
}

const nothing: ReadonlySet<number> = new Set();

/** Shares partition numbers out evenly; each member keeps as many of its own as its share allows. */
function shareOut(
  partitions: number,
  members: readonly GroupMember[],
  before: ReadonlyMap<GroupMember, ReadonlySet<number>>,
): Map<GroupMember, Set<number>> {
  const free = new Set(Array.from({ length: partitions }, (_, i) => i));
  const shares = members.map((member, i) => {
    const size = Math.floor(partitions / members.length) + (i < partitions % members.length ? 1 : 0);
    const kept = [...(before.get(member) ?? nothing)]
      .filter((partition) => free.has(partition))
      .slice(0, size);
    for (const partition of kept) free.delete(partition);
    return { member, size, owned: new Set(kept) };
  });
  for (const { size, owned } of shares) {
    for (const partition of free) {
      if (owned.size >= size) break;
      owned.add(partition);
      free.delete(partition);
    }
  }
  return new Map(shares.map(({ member, owned }) => [member, owned]));
}
