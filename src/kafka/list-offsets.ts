import { KafkaError } from '../errors.ts'
import { listOffsetsApi } from './apis/offsets.ts'
import type { ListOffsetsRequest } from './apis/offsets.ts'
import type { Cluster } from './cluster.ts'
import type { BrokerConnection } from './connection.ts'
import { brokerError } from './error-codes.ts'

type Wanted = ListOffsetsRequest['partitions'][number]

/** Offsets by timestamp (or earliest, latest) from the leaders, in the order asked; -1: none that late. */
export async function listOffsets(
  cluster: Cluster,
  wanted: readonly Wanted[],
  isReadCommitted: boolean,
): Promise<number[]> {
  const byLeader = new Map<BrokerConnection, Wanted[]>()
  for (const item of wanted) {
    const connection = cluster.leader(item.topic, item.partition, 'main')
    if (connection === null) {
      throw new KafkaError(`The leader of ${item.topic}-${item.partition} is not known at present.`, {
        code: 'LEADER_NOT_AVAILABLE',
        retriable: true,
      })
    }
    byLeader.set(connection, [...(byLeader.get(connection) ?? []), item])
  }
  const answers = await Promise.all(
    [...byLeader].map(([connection, partitions]) =>
      connection.request(listOffsetsApi, { isReadCommitted, partitions }),
    ),
  )
  const listed = answers.flat()
  return wanted.map(({ topic, partition }) => {
    const found = listed.find((item) => item.topic === topic && item.partition === partition)
    if (found === undefined || found.error !== 0) {
      cluster.requestUpdate()
      throw brokerError(found?.error ?? -1, `Looking up an offset of ${topic}-${partition}`)
    }
    return found.offset
  })
}
