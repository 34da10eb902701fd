import { ErrorCode } from '../error-codes.ts'
import { operationsNotAsked, type Api } from './api.ts'
import { clusterOperations } from './metadata.ts'

/** DescribeCluster: a cluster of this one broker. */
export const describeClusterApi: Api = {
  key: 60,
  name: 'DescribeCluster',
  minVersion: 0,
  maxVersion: 1,
  flexibleFrom: 0,
  handle({ version, reader, respond }, broker) {
    const asksOperations = reader.boolean()
    const endpointType = version >= 1 ? reader.int8() : 1
    const writer = respond()
    writer.int32(0).int16(ErrorCode.NONE).nullableString(null)
    if (version >= 1) writer.int8(endpointType)
    writer.string(broker.clusterId).int32(broker.nodeId)
    writer.array([broker], (_, { nodeId, advertisedHost, advertisedPort }) => {
      writer.int32(nodeId).string(advertisedHost).int32(advertisedPort).nullableString(null).tags()
    })
    return writer.int32(asksOperations ? clusterOperations : operationsNotAsked).tags()
  },
}
