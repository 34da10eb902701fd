import type { Schema } from '../../src/index.ts'
import {
  Headers,
  SchemaBuilder,
  SinkRecord,
  Struct,
  type ConnectRecord,
  type Header,
  type SchemaAndValue,
  type TransformPlugin,
} from '../../src/index.ts'

/** The transform that a user gets with these properties, as a function. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export function configure(plugin: TransformPlugin<any>, settings: Record<string, string | null> = {}) {
  const transform = configureAny(plugin, settings)
  return (record: SinkRecord) => transform(record)!
}

/** The same for records of any kind, also where they are dropped. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export function configureAny(plugin: TransformPlugin<any>, settings: Record<string, string | null> = {}) {
  const transform = plugin.create(plugin.config.parse(settings))
  return <R extends ConnectRecord>(record: R) => transform.apply(record) as R | null
}

/** What a transform of the value makes of a value. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export function onValue(plugin: TransformPlugin<any>, settings: Record<string, string | null>) {
  const apply = configure(plugin, settings)
  return (value: SchemaAndValue): SchemaAndValue => apply(sinkRecord({ value })).value
}

export const schemaless = (value: unknown): SchemaAndValue => ({ schema: null, value })

/** A struct with a schema made of its fields. */
export function structOf(fields: Record<string, readonly [schema: Schema, value: unknown]>): SchemaAndValue {
  const builder = SchemaBuilder.struct()
  for (const [name, [schema]] of Object.entries(fields)) builder.field(name, schema)
  const schema = builder.build()
  const value = new Struct(schema)
  for (const [name, [, content]] of Object.entries(fields)) value.put(name, content)
  return { schema, value }
}

/** The fields of a struct as a plain object, without defaults. */
export function contents({ value }: SchemaAndValue): Record<string, unknown> {
  const struct = value as Struct
  return Object.fromEntries(struct.schema.fields.map(({ name, index }) => [name, struct.at(index)]))
}

/** Names and types of the fields of a struct schema, `?` for the optional ones. */
export function shape(schema: Schema | null): string {
  return schema!.fields
    .map(({ name, schema }) => `${name}:${schema.type}${schema.optional ? '?' : ''}`)
    .join(' ')
}

export interface RecordParts {
  readonly key?: SchemaAndValue
  readonly value?: SchemaAndValue
  readonly headers?: readonly Header[]
  readonly timestamp?: number | null
  readonly topic?: string
}

export function sinkRecord({
  headers = [],
  timestamp = 1483425001864,
  topic = 'orders',
  ...parts
}: RecordParts) {
  return new SinkRecord({ topic, partition: 3, offset: 7, timestamp, headers: Headers.of(headers), ...parts })
}

export function headerTexts({ headers }: ConnectRecord): string[] {
  return [...headers].map(({ key, value }) => `${key}=${String(value)}`)
}
