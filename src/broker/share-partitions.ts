/** What a member of a group had before a rebalance. */
export interface Claim<M> {
  readonly member: M;
  readonly owned: Iterable<number>;
  /** When it got them: of two members that claim a partition, the one of the later generation had it last. */
  readonly generation: number;
}

/**
 * Shares partition numbers 0 to `count` - 1 out evenly. Each member keeps as much of what it had as its share allows:
 * a partition that moves costs its new owner a restore.
 */
export function sharePartitions<M>(count: number, claims: readonly Claim<M>[]): Map<M, ReadonlySet<number>> {
  const free = new Set(Array.from({ length: count }, (_, i) => i));
  const kept = new Map<M, number[]>(claims.map(({ member }) => [member, []]));
  for (const { member, owned } of claims.toSorted((a, b) => b.generation - a.generation)) {
    for (const partition of owned) if (free.delete(partition)) kept.get(member)!.push(partition);
  }
  // Where shares differ by one, the larger ones go to those who have the most already.
  const members = [...kept].sort(([, a], [, b]) => b.length - a.length);
  const shares = members.map(([member, had], i) => {
    const size = Math.floor(count / members.length) + (i < count % members.length ? 1 : 0);
    for (const partition of had.slice(size)) free.add(partition);
    return { member, size, share: new Set(had.slice(0, size)) };
  });
  for (const { size, share } of shares) {
    for (const partition of free) {
      if (share.size >= size) break;
      share.add(partition);
      free.delete(partition);
    }
  }
  return new Map(shares.map(({ member, share }) => [member, share]));
}
