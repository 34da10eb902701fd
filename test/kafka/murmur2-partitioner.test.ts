import { describe, expect, test } from 'vitest'
import { murmur2, partitionForKey } from '../../src/kafka/murmur2-partitioner.ts'

describe("Java's partitioner", () => {
  // Recorded from Kafka's own Utils.murmur2.
  for (const { key, partitions, hash, partition } of [
    { key: '', partitions: 1, hash: 275646681, partition: 0 },
    { key: 'a', partitions: 3, hash: -1563381124, partition: 1 },
    { key: 'ab', partitions: 5, hash: 316155434, partition: 4 },
    { key: 'abc', partitions: 7, hash: 479470107, partition: 4 },
    { key: 'abcd', partitions: 10, hash: -1323649548, partition: 0 },
  ]) {
    test(`sends the key "${key}" to partition ${partition} of ${partitions}`, () => {
      expect(murmur2(Buffer.from(key))).toBe(hash)
      expect(partitionForKey(Buffer.from(key), partitions)).toBe(partition)
    })
  }
})
