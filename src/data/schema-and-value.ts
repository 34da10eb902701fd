import type { Schema } from './schema.ts'

/** A value and what it is. A null schema: the value speaks for itself (see Schema and the wrappers). */
export interface SchemaAndValue {
  readonly schema: Schema | null
  readonly value: unknown
}

/** Neither schema nor value: the missing key, the tombstone. */
export const nothing: SchemaAndValue = Object.freeze({ schema: null, value: null })
