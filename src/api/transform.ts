import type { ConfigDef } from '../config/config-def.ts'
import type { SchemaAndValue } from '../data/schema-and-value.ts'
import type { MaybePromise, Plugin } from './plugin.ts'
import type { ConnectRecord } from './record.ts'

/** Changes a record; null drops it. Answers at once where it can: promises cost. */
export interface Transform {
  apply<R extends ConnectRecord>(record: R): MaybePromise<R | null>
  /**
   * What it does depends on its settings and the record alone, and on a text in the record only by carrying it over:
   * records that differ in one text alone come out differing in that text alone, or not at all. Runs of such
   * records then need not be looked at one by one.
   */
  readonly isUniform?: boolean
  close?(): void
}

export interface TransformPlugin<S = unknown> extends Plugin<S> {
  readonly kind: 'transform'
  create(settings: S): Transform
}

export interface Predicate {
  test(record: ConnectRecord): boolean
  /** No text in the record makes a difference, and nothing outside of it. */
  readonly isUniform?: boolean
  close?(): void
}

export interface PredicatePlugin<S = unknown> extends Plugin<S> {
  readonly kind: 'predicate'
  create(settings: S): Predicate
}

export function defineTransform<S>(transform: Omit<TransformPlugin<S>, 'kind'>): TransformPlugin<S> {
  return { kind: 'transform', ...transform }
}

export function definePredicate<S>(predicate: Omit<PredicatePlugin<S>, 'kind'>): PredicatePlugin<S> {
  return { kind: 'predicate', ...predicate }
}

/** Changes one part of a record, its key or its value. */
export type PartTransform = (part: SchemaAndValue, record: ConnectRecord) => SchemaAndValue

/** A transform in Kafka's two forms, `<name>$Key` and `<name>$Value`, from one function over that part. */
export function keyAndValue<S>(definition: {
  readonly name: string
  readonly doc?: string
  readonly config: ConfigDef<S>
  readonly isUniform?: boolean
  create(settings: S, part: 'key' | 'value'): PartTransform
}): { readonly key: TransformPlugin<S>; readonly value: TransformPlugin<S> } {
  const form = (part: 'key' | 'value', suffix: string): TransformPlugin<S> => ({
    kind: 'transform',
    name: `${definition.name}$${suffix}`,
    ...(definition.doc === undefined ? {} : { doc: definition.doc }),
    config: definition.config,
    create(settings) {
      const change = definition.create(settings, part)
      return {
        isUniform: definition.isUniform === true,
        apply: (record) => {
          const before = record[part]
          const after = change(before, record)
          return after === before ? record : record.with(part === 'key' ? { key: after } : { value: after })
        },
      }
    },
  })
  return { key: form('key', 'Key'), value: form('value', 'Value') }
}
