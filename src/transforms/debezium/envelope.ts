import type { Schema, SchemaAndValue, Struct } from '../../index.ts'
import { requireStruct } from '../requirements.ts'

/** Whether the schema is that of a change event, which Debezium tells by its name. */
export function isEnvelopeSchema(schema: Schema | null): boolean {
  return schema?.name?.endsWith('.Envelope') ?? false
}

/** The change event that a value is. Null for anything else, and for a tombstone. Throws DataError naming the purpose. */
export function changeEvent(part: SchemaAndValue, purpose: string): Struct | null {
  if (isMissing(part.value) || !isEnvelopeSchema(part.schema)) return null
  return requireStruct(part, purpose)
}

export function isMissing(value: unknown): value is null | undefined {
  return value === null || value === undefined
}

/** The row before or after the change. Throws DataError where the envelope has no such field or it holds no struct. */
export function rowOf(envelope: Struct, field: 'before' | 'after', purpose: string): Struct | null {
  const value = envelope.get(field)
  return isMissing(value) ? null : requireStruct({ schema: null, value }, purpose)
}
