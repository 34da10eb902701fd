/** Java's default partitioner for records with a key: murmur2 of the key's bytes, made positive, modulo. */
export function partitionForKey(key: Uint8Array, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions
}

/** MurmurHash2, 32 bits, with Kafka's seed: a signed integer as in Java. */
export function murmur2(bytes: Uint8Array): number {
  const length = bytes.length
  const m = 0x5bd1e995
  let hash = 0x9747b28c ^ length
  const whole = length & ~3
  for (let at = 0; at < whole; at += 4) {
    let k = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    k = Math.imul(k, m)
    k ^= k >>> 24
    k = Math.imul(k, m)
    hash = Math.imul(hash, m) ^ k
  }
  const rest = length & 3
  if (rest === 3) hash ^= bytes[whole + 2]! << 16
  if (rest >= 2) hash ^= bytes[whole + 1]! << 8
  if (rest >= 1) {
    hash ^= bytes[whole]!
    hash = Math.imul(hash, m)
  }
  hash ^= hash >>> 13
  hash = Math.imul(hash, m)
  return hash ^ (hash >>> 15)
}
