import type { Api, VersionRange } from '../api.ts'

export const apiVersionsApi: Api<void, { error: number; versions: Map<number, VersionRange> }> = {
  key: 18,
  name: 'ApiVersions',
  minVersion: 0,
  maxVersion: 0,
  encode: () => {},
  decode: (reader) => ({
    error: reader.int16(),
    versions: new Map(
      reader.array((r) => [r.int16(), { minVersion: r.int16(), maxVersion: r.int16() }] as const),
    ),
  }),
}

export interface MetadataRequest {
  /** null: all topics. */
  readonly topics: readonly string[] | null
  readonly allowAutoTopicCreation: boolean
}

export interface BrokerAddress {
  readonly id: number
  readonly host: string
  readonly port: number
}

export interface PartitionMetadata {
  readonly error: number
  readonly partition: number
  /** -1: none at present. */
  readonly leader: number
  readonly leaderEpoch: number
}

export interface TopicMetadata {
  readonly error: number
  readonly name: string
  readonly isInternal: boolean
  readonly partitions: readonly PartitionMetadata[]
}

export interface MetadataResponse {
  readonly brokers: readonly BrokerAddress[]
  readonly clusterId: string | null
  readonly controllerId: number
  readonly topics: readonly TopicMetadata[]
}

export const metadataApi: Api<MetadataRequest, MetadataResponse> = {
  key: 3,
  name: 'Metadata',
  minVersion: 4,
  maxVersion: 7,
  encode: (writer, { topics, allowAutoTopicCreation }) => {
    writer.array(topics, (w, topic) => w.string(topic))
    writer.boolean(allowAutoTopicCreation)
  },
  decode: (reader, version) => {
    reader.int32() // throttle time
    const brokers = reader.array((r) => {
      const broker = { id: r.int32(), host: r.string(), port: r.int32() }
      r.nullableString() // rack
      return broker
    })
    const clusterId = reader.nullableString()
    const controllerId = reader.int32()
    const topics = reader.array((r) => ({
      error: r.int16(),
      name: r.string(),
      isInternal: r.boolean(),
      partitions: r.array((p) => {
        const metadata = {
          error: p.int16(),
          partition: p.int32(),
          leader: p.int32(),
          leaderEpoch: version >= 7 ? p.int32() : -1,
        }
        p.array((q) => q.int32()) // replicas
        p.array((q) => q.int32()) // in-sync replicas
        if (version >= 5) p.array((q) => q.int32()) // offline replicas
        return metadata
      }),
    }))
    return { brokers, clusterId, controllerId, topics }
  },
}
