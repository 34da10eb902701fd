import type { CommittedOffset, Consumer, PartitionExtent } from '../../kafka/client.ts'
import type { Reading } from './reading.ts'
import { extentOf, type Session } from './session.ts'

const commitEveryMs = 5000

/** Reads as a member of a group, and commits what was taken: every few seconds, when partitions go, and at the end. */
export async function readGroup(reading: Reading, group: string, session: Session): Promise<void> {
  const { topic, start, stopsAtEnd, ending } = reading
  const ends = stopsAtEnd ? await extentOf(session, topic) : null
  const consumer = session.clients.consumer(
    {
      ...session.consumer,
      'group.id': group,
      ...(start === null ? {} : { 'auto.offset.reset': start === 'end' ? 'latest' : 'earliest' }),
    },
    session.log,
  )
  const wake = () => consumer.wakeup()
  ending.addEventListener('abort', wake)
  const taken = new Map<number, CommittedOffset>()
  let committedAt = performance.now()
  const commit = async () => {
    const offsets = [...taken.values()]
    taken.clear()
    committedAt = performance.now()
    if (offsets.length > 0) await consumer.commit(offsets)
  }
  let isAssigned = false
  consumer.subscribe([topic], {
    assigned: async () => void (isAssigned = true),
    revoked: commit,
    lost: async () => taken.clear(),
  })
  try {
    while (!ending.aborted) {
      const records = await consumer.poll(stopsAtEnd ? 100 : 1000)
      for (const { partition, offset, leaderEpoch } of await reading.take(records))
        taken.set(partition, { topic, partition, offset: offset + 1, leaderEpoch })
      if (performance.now() - committedAt >= commitEveryMs) await commit()
      if (ends !== null && isAssigned && (await isAtEnd(consumer, ends))) break
    }
  } finally {
    ending.removeEventListener('abort', wake)
    try {
      await commit()
    } finally {
      await consumer.close(5000)
    }
  }
}

async function isAtEnd(consumer: Consumer, ends: readonly PartitionExtent[]): Promise<boolean> {
  for (const partition of consumer.assignment())
    if ((await consumer.position(partition)) < (ends[partition.partition]?.end ?? 0)) return false
  return true
}
