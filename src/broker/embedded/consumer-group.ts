import { sharePartitions } from "../share-partitions.ts";
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
    const claims = members.map((member) => ({ member, owned: this.assignment(member), generation: 0 }));
    this.#assignments = sharePartitions(partitions, claims);
    for (const member of members) member.wake();
  }
}

const nothing: ReadonlySet<number> = new Set();
