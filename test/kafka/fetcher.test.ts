import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { FetchPartition, FetchRequest } from '../../src/kafka/apis/fetch.ts'
import type { ClientSettings } from '../../src/kafka/client.ts'
import type { Cluster } from '../../src/kafka/cluster.ts'
import { readConsumerSettings } from '../../src/kafka/consumer-settings.ts'
import { Fetcher } from '../../src/kafka/fetcher.ts'
import { partitionKey, PartitionState } from '../../src/kafka/partition-state.ts'
import { silentLogger } from '../../src/util/logger.ts'
import { batchOf } from '../broker/batches.ts'

const batch = batchOf({ values: ['x'.repeat(50_000)] })

/** A fetcher of a topic without end: every offset holds one batch. */
function openFetcher(count: number, settings: ClientSettings) {
  const states = Array.from(
    { length: count },
    (_, partition) => new PartitionState({ topic: 't', partition }),
  )
  for (const state of states) state.seek(0)
  const connection = {
    address: 'fake',
    // As brokers do: one batch in any case, then as many as there is room for.
    async request(_: unknown, { partitions, maxBytes }: FetchRequest) {
      await nextTurn()
      const fits = Math.max(1, Math.floor(maxBytes / batch.length))
      return { error: 0, partitions: partitions.slice(0, fits).map(answer) }
    },
  }
  const cluster = { leader: () => connection, requestUpdate() {} } as unknown as Cluster
  const fetcher = new Fetcher({
    settings: readConsumerSettings(
      { 'bootstrap.servers': 'fake:1', 'group.id': 'g', ...settings },
      silentLogger,
    ),
    cluster,
    partitions: new Map(states.map((state) => [partitionKey(state), state])),
    outOfRange() {},
    arrived() {},
  })
  onTestFinished(() => fetcher.close())
  return { fetcher, states }
}

function answer({ topic, partition, offset }: FetchPartition) {
  const records = Buffer.from(batch)
  records.writeBigInt64BE(BigInt(offset))
  return { topic, partition, error: 0, highWatermark: 1e6, aborted: [], preferredReplica: -1, records }
}

const buffered = (states: readonly PartitionState[]) =>
  states.reduce((bytes, { bufferedBytes }) => bytes + bufferedBytes, 0)

/** More turns of the event loop than fetching ahead takes, bounded or not. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 2000; turn++) await nextTurn()
}

describe('fetching ahead of a slow reader', () => {
  test('ends at max.partition.fetch.bytes of a partition, and goes on as they are taken', async () => {
    const { fetcher, states } = openFetcher(1, { 'max.partition.fetch.bytes': '200000' })
    fetcher.fetch()
    await settle()
    expect(buffered(states)).toBeGreaterThanOrEqual(200_000)
    expect(buffered(states)).toBeLessThan(200_000 + batch.length)
    const offsets: number[] = []
    for (let taken = 0; taken < 20; taken++) {
      for (const { offset } of await fetcher.take(1)) offsets.push(offset)
      await settle()
    }
    expect(offsets).toEqual([...Array(20).keys()])
    expect(buffered(states)).toBeLessThan(200_000 + batch.length)
  })

  test('ends at fetch.max.bytes of all partitions', async () => {
    const limits = { 'max.partition.fetch.bytes': '200000', 'fetch.max.bytes': '300000' }
    const { fetcher, states } = openFetcher(10, limits)
    fetcher.fetch()
    await settle()
    expect(buffered(states)).toBeGreaterThan(200_000)
    expect(buffered(states)).toBeLessThan(300_000 + batch.length)
  })
})
