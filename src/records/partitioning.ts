/**
 * The partition of every record of a cluster, whatever the record's key: murmur2 of the cluster's name in UTF-8, as
 * Kafka's Java client and kafkajs do for records keyed by it alone. Vectors: schemas/partitioning.json.
 */
export function partitionOf(cluster: string, partitions: number): number {
  return (murmur2(utf8.encode(cluster)) & 0x7fffffff) % partitions;
}

const utf8 = new TextEncoder();

const SEED = 0x9747b28c;
const MULTIPLIER = 0x5bd1e995;
const ROTATION = 24;

/** Austin Appleby's MurmurHash2 with Kafka's seed, as a signed 32-bit integer. */
export function murmur2(bytes: Uint8Array): number {
  const { length } = bytes;
  const tail = length & ~3;
  let hash = SEED ^ length;
  for (let i = 0; i < tail; i += 4) {
    let word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    word = Math.imul(word, MULTIPLIER);
    word ^= word >>> ROTATION;
    hash = Math.imul(hash, MULTIPLIER) ^ Math.imul(word, MULTIPLIER);
  }
  const rest = length - tail;
  if (rest >= 3) hash ^= bytes[tail + 2]! << 16;
  if (rest >= 2) hash ^= bytes[tail + 1]! << 8;
  if (rest >= 1) hash = Math.imul(hash ^ bytes[tail]!, MULTIPLIER);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, MULTIPLIER);
  return hash ^ (hash >>> 15);
}
