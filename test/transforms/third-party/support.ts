import {
  SinkRecord,
  type ConnectRecord,
  type Headers,
  type SchemaAndValue,
  type TransformPlugin,
} from '../../../src/index.ts'

/** The transform as a function, configured as a user would. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export function configure(plugin: TransformPlugin<any>, settings: Record<string, string> = {}) {
  const transform = plugin.create(plugin.config.parse(settings))
  return <R extends ConnectRecord>(record: R) => transform.apply(record) as R | null
}

export const schemaless = (value: unknown): SchemaAndValue => ({ schema: null, value })

export interface Parts {
  readonly topic?: string
  readonly timestamp?: number | null
  readonly key?: SchemaAndValue
  readonly headers?: Headers
}

export function sinkRecord(value: SchemaAndValue, parts: Parts = {}) {
  return new SinkRecord({
    topic: 'orders',
    partition: 3,
    offset: 12,
    timestamp: 1483425001864,
    key: schemaless('k'),
    ...parts,
    value,
  })
}
