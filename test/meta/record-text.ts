import type { Example } from './transform-examples.ts'

/** A record as the vectors write it down: keys, values and headers are envelopes. */
export interface EnvelopeRecord {
  readonly topic: string
  readonly partition: number | null
  readonly timestamp: number | null
  readonly key: string | null
  readonly value: string | null
  readonly headers: readonly { readonly key: string; readonly value: string | null }[]
}

export function exampleRecord(example: Omit<Example, 'settings'>): EnvelopeRecord {
  return {
    topic: example.topic ?? 'orders',
    partition: 0,
    timestamp: example.timestamp ?? 0,
    key: example.key === undefined ? null : envelope(example.key),
    value: example.value === null ? null : envelope(example.value),
    headers: (example.headers ?? []).map(([key, value]) => ({ key, value: envelope(value) })),
  }
}

/** One line for human readers. */
export function recordText(record: Omit<EnvelopeRecord, 'partition'>): string {
  const headers = record.headers.map(({ key, value }) => `${key}: ${payload(value)}`)
  return [
    `topic ${record.topic}`,
    ...(record.timestamp ? [`timestamp ${record.timestamp}`] : []),
    ...(record.key === null ? [] : [`key ${payload(record.key)}`]),
    `value ${payload(record.value)}`,
    ...(headers.length === 0 ? [] : [`headers ${headers.join(', ')}`]),
  ].join('  ')
}

/** Plain JSON has no schema; what brings one is an envelope already. */
function envelope(value: unknown): string {
  const isEnvelope = typeof value === 'object' && value !== null && 'schema' in value && 'payload' in value
  return JSON.stringify(isEnvelope ? value : { schema: null, payload: value })
}

/** The schema is shown only where it has a name. */
function payload(text: string | null): string {
  if (text === null) return 'null'
  const { schema, payload } = JSON.parse(text) as {
    schema: { name?: string; version?: number } | null
    payload: unknown
  }
  const name = schema?.name === undefined ? '' : ` (schema ${schema.name}, version ${schema.version})`
  return JSON.stringify(payload) + name
}
