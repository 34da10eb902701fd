import { murmur2, partitionForKey } from '../../kafka/murmur2-partitioner.ts'
import type { Suite } from '../suite.ts'

interface Answer {
  readonly hash: number
  readonly partition: number
}

export const partitionerSuite: Suite<{ keyBase64: string; partitions: number }, Answer, Answer> = {
  run({ keyBase64, partitions }) {
    const key = Buffer.from(keyBase64, 'base64')
    return { hash: murmur2(key), partition: partitionForKey(key, partitions) }
  },
  matches: ({ partition }, expected) => partition === expected.partition,
}
