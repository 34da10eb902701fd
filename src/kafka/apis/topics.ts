import type { NewTopic } from '../client.ts'
import type { Api } from '../api.ts'

export const createTopicApi: Api<
  { topic: NewTopic; timeoutMs: number },
  { error: number; message: string | null }
> = {
  key: 19,
  name: 'CreateTopics',
  minVersion: 2,
  maxVersion: 4,
  encode: (writer, { topic, timeoutMs }) => {
    writer.array([topic], (w, { name, partitions, replicationFactor, configs }) => {
      w.string(name).int32(partitions).int16(replicationFactor)
      w.int32(0) // no assignment of replicas by hand
      w.array(Object.entries(configs), (c, [key, value]) => c.string(key).nullableString(value))
    })
    writer.int32(timeoutMs).boolean(false)
  },
  decode: (reader) => {
    reader.int32() // throttle time
    const [result] = reader.array((r) => {
      r.string() // name
      return { error: r.int16(), message: r.nullableString() }
    })
    return result ?? { error: -1, message: null }
  },
}

export const deleteTopicApi: Api<{ name: string; timeoutMs: number }, { error: number }> = {
  key: 20,
  name: 'DeleteTopics',
  minVersion: 1,
  maxVersion: 3,
  encode: (writer, { name, timeoutMs }) => {
    writer.array([name], (w, each) => w.string(each)).int32(timeoutMs)
  },
  decode: (reader) => {
    reader.int32() // throttle time
    const [result] = reader.array((r) => ({ name: r.string(), error: r.int16() }))
    return { error: result?.error ?? -1 }
  },
}

const topicResource = 2

export interface DescribedConfigs {
  readonly error: number
  readonly message: string | null
  readonly configs: ReadonlyMap<string, string | null>
}

export const describeTopicConfigsApi: Api<string, DescribedConfigs> = {
  key: 32,
  name: 'DescribeConfigs',
  minVersion: 1,
  maxVersion: 2,
  encode: (writer, topic) => {
    writer.array([topic], (w, name) => w.int8(topicResource).string(name).int32(-1))
    writer.boolean(false) // no synonyms
  },
  decode: (reader) => {
    reader.int32() // throttle time
    const [result] = reader.array((r) => {
      const error = r.int16()
      const message = r.nullableString()
      r.int8() // resource type
      r.string() // name
      const configs = r.array((c) => {
        const name = c.string()
        const value = c.nullableString()
        c.boolean() // read-only
        c.int8() // source
        const isSensitive = c.boolean()
        c.array((s) => [s.string(), s.nullableString(), s.int8()])
        return [name, isSensitive ? null : value] as const
      })
      return { error, message, configs: new Map(configs) }
    })
    return result ?? { error: -1, message: null, configs: new Map() }
  },
}
