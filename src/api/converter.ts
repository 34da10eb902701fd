import type { SchemaAndValue } from '../data/schema-and-value.ts'
import type { MaybePromise, Plugin } from './plugin.ts'

export type ConverterRole = 'key' | 'value' | 'header'

/** Turns Connect values into bytes and back. Answers at once where it can: promises cost. */
export interface Converter {
  /** null: no bytes at all (a tombstone). Throws DataError. */
  fromConnectData(topic: string, data: SchemaAndValue): MaybePromise<Buffer | null>
  toConnectData(topic: string, bytes: Buffer | null): MaybePromise<SchemaAndValue>
  /**
   * What it writes depends on its settings and arguments alone, and on a text in the data only by carrying it over:
   * values that differ in one text alone give bytes that differ in that text alone, or not at all.
   */
  readonly isUniform?: boolean
  close?(): void
}

export interface ConverterPlugin<S = unknown> extends Plugin<S> {
  readonly kind: 'converter'
  /** What it may be used for. */
  readonly roles: readonly ConverterRole[]
  create(settings: S, role: ConverterRole): Converter
}

export function defineConverter<S>(converter: Omit<ConverterPlugin<S>, 'kind'>): ConverterPlugin<S> {
  return { kind: 'converter', ...converter }
}
