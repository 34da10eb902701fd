import { SinkRecord, type Headers, type SchemaAndValue } from '../../../src/index.ts'
import { schemaless } from '../configure.ts'

export { configureAny as configure, schemaless } from '../configure.ts'

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
