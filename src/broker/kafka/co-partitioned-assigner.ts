import { AssignerProtocol, type PartitionAssigner } from "kafkajs";
import { type Claim, sharePartitions } from "../share-partitions.ts";

/** What a member tells the group of itself before each rebalance. */
export interface Ownership {
  readonly owned: readonly number[];
  readonly generation: number;
}

const { MemberAssignment, MemberMetadata } = AssignerProtocol;
const VERSION = 1;

/**
 * Gives partition i of all topics to one member, and lets members keep what they have. kafkajs tells an assigner
 * nothing of the past, so each member says in `userData` what it had.
 */
export function coPartitionedAssigner(ownership: () => Ownership): PartitionAssigner {
  return ({ cluster }) => ({
    name: "carm-co-partitioned",
    version: VERSION,
    protocol: ({ topics }) => {
      const userData = Buffer.from(JSON.stringify(ownership()));
      return {
        name: "carm-co-partitioned",
        metadata: MemberMetadata.encode({ version: VERSION, topics, userData }),
      };
    },
    assign: async ({ members, topics }) => {
      const counts = new Map(
        topics.map((topic) => [topic, cluster.findTopicPartitionMetadata(topic).length]),
      );
      const subscribed = new Map<string, readonly string[]>();
      const claims: Claim<string>[] = [];
      for (const { memberId, memberMetadata } of members.toSorted(byId)) {
        const decoded = MemberMetadata.decode(memberMetadata);
        subscribed.set(memberId, decoded?.topics ?? []);
        claims.push({ member: memberId, ...parseOwnership(decoded?.userData) });
      }
      const shares = sharePartitions(Math.max(0, ...counts.values()), claims);
      return [...shares].map(([memberId, share]) => {
        // During an upgrade a member may not read a topic that the leader does.
        const own = topics.filter((topic) => subscribed.get(memberId)!.includes(topic));
        const partitionsOf = (topic: string) => [...share].filter((one) => one < counts.get(topic)!);
        const assignment = Object.fromEntries(own.map((topic) => [topic, partitionsOf(topic)]));
        const encoded = MemberAssignment.encode({ version: VERSION, assignment, userData: Buffer.alloc(0) });
        return { memberId, memberAssignment: encoded };
      });
    },
  });
}

function byId(a: { memberId: string }, b: { memberId: string }): number {
  return a.memberId < b.memberId ? -1 : 1;
}

/** A member that says nothing that can be read had nothing. */
function parseOwnership(userData: Buffer | undefined): Ownership {
  const nothing: Ownership = { owned: [], generation: 0 };
  try {
    const { owned, generation } = JSON.parse(String(userData)) as Ownership;
    return Array.isArray(owned) && Number.isInteger(generation) ? { owned, generation } : nothing;
  } catch {
    return nothing;
  }
}
