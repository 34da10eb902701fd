import { WireReader } from '../../protocol/wire-reader.ts'

/** The topics of a consumer's subscription (ConsumerProtocolSubscription), or null where it is something else. */
export function subscribedTopics(metadata: Buffer): string[] | null {
  try {
    const reader = new WireReader(metadata)
    reader.int16()
    return reader.array(() => reader.string())
  } catch {
    return null
  }
}

export function isSameSubscription(a: Buffer, b: Buffer): boolean {
  const topicsA = subscribedTopics(a)
  const topicsB = subscribedTopics(b)
  if (topicsA === null || topicsB === null) return a.equals(b)
  const inB = new Set(topicsB)
  return topicsA.length === topicsB.length && topicsA.every((topic) => inB.has(topic))
}
