import {
  Headers,
  nothing,
  Schema,
  SchemaBuilder,
  SourceRecord,
  Struct,
  type Header,
  type SchemaAndValue,
} from '../../../src/index.ts'

export { configureAny as configure, headerTexts, shape } from '../configure.ts'

export const sourceSchema = SchemaBuilder.struct()
  .name('io.debezium.connector.postgresql.Source')
  .field('connector', Schema.STRING)
  .field('db', Schema.STRING)
  .field('table', Schema.STRING)
  .field('lsn', Schema.OPTIONAL_INT64)
  .field('ts_ms', Schema.INT64)
  .build()

const transactionSchema = SchemaBuilder.struct()
  .name('event.block')
  .field('id', Schema.STRING)
  .field('total_order', Schema.INT64)
  .optional()
  .build()

/** The schema that the change events of a table have. */
export function envelopeSchema(row: Schema, topic = 'srv.shop.customers'): Schema {
  return SchemaBuilder.struct()
    .name(`${topic}.Envelope`)
    .version(1)
    .field('before', row)
    .field('after', row)
    .field('source', sourceSchema)
    .field('op', Schema.STRING)
    .field('ts_ms', Schema.OPTIONAL_INT64)
    .field('transaction', transactionSchema)
    .build()
}

export const rowSchema = SchemaBuilder.struct()
  .name('srv.shop.customers.Value')
  .field('id', Schema.INT32)
  .field('name', Schema.OPTIONAL_STRING)
  .field('city', new Schema({ type: 'STRING', optional: true, default: 'Oslo' }))
  .optional()
  .build()

export const row = (id: number, name: string | null = null, city: string | null = null): Struct =>
  new Struct(rowSchema).put('id', id).put('name', name).put('city', city)

export interface Change {
  readonly op: 'c' | 'r' | 'u' | 'd' | 't' | 'm'
  readonly before?: Struct
  readonly after?: Struct
  readonly transaction?: string
  readonly topic?: string
  readonly headers?: readonly Header[]
  readonly key?: SchemaAndValue
  readonly schema?: Schema
}

const keySchema = SchemaBuilder.struct().name('srv.shop.customers.Key').field('id', Schema.INT32).build()
export const key = (id: number): SchemaAndValue => ({
  schema: keySchema,
  value: new Struct(keySchema).put('id', id),
})

/** A change event as Debezium's connector for PostgreSQL sends it. */
export function change({ op, before, after, transaction, ...parts }: Change): SourceRecord {
  const schema = parts.schema ?? envelopeSchema((after ?? before)?.schema ?? rowSchema)
  const source = new Struct(sourceSchema)
    .put('connector', 'postgresql')
    .put('db', 'shop')
    .put('table', 'customers')
    .put('ts_ms', 1700000000123)
  const value = new Struct(schema).put('source', source).put('op', op).put('ts_ms', 1700000000456)
  if (before !== undefined) value.put('before', before)
  if (after !== undefined) value.put('after', after)
  if (transaction !== undefined) {
    const block = new Struct(transactionSchema).put('id', transaction).put('total_order', 3)
    value.put('transaction', block)
  }
  return sourceRecord({ schema, value }, parts)
}

export function sourceRecord(value: SchemaAndValue, parts: Partial<Change> = {}): SourceRecord {
  return new SourceRecord({
    sourcePartition: { server: 'srv' },
    sourceOffset: { lsn: 1 },
    topic: parts.topic ?? 'srv.shop.customers',
    key: parts.key ?? key(7),
    headers: Headers.of(parts.headers ?? []),
    value,
  })
}

export const tombstone = (parts: Partial<Change> = {}) => sourceRecord(nothing, parts)

/** The fields of a struct as a plain object, without defaults. */
export function contents(value: unknown): Record<string, unknown> {
  const struct = value as Struct
  return Object.fromEntries(
    struct.schema.fields.map(({ name, index }) => {
      const found = struct.at(index)
      return [name, found instanceof Struct ? contents(found) : found]
    }),
  )
}
