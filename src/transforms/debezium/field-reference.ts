import { ConfigError, Schema, Struct, type Field } from '../../index.ts'
import { javaSplit } from '../java-split.ts'
import { regrown } from './renamed-schema.ts'

/** A field of the envelope, or of a struct in it, that goes into the row or into a header. */
export interface FieldReference {
  /** What it is called there. */
  readonly name: string
  /** Whether it is the operation, which tombstones have as well. */
  readonly isOperation: boolean
  /** Where to read it in envelopes of this schema; null where these do not have it. */
  find(envelope: Schema): FoundField | null
}

export interface FoundField {
  readonly name: string
  readonly schema: Schema
  read(envelope: Struct): unknown
}

/**
 * The references of `add.fields` or `add.headers`: `op`, `source.ts_ms`, `table:TABLE`. Throws ConfigError for what is
 * none.
 */
export function fieldReferences(key: string, specs: readonly string[], prefix: string): FieldReference[] {
  return specs.filter((spec) => spec !== '').map((spec) => reference(key, spec, prefix))
}

function reference(key: string, spec: string, prefix: string): FieldReference {
  const parts = javaSplit(spec, ':')
  const steps = javaSplit(parts[0] ?? '', '.')
  if (parts.length > 2 || steps.length === 0) {
    throw new ConfigError(`Invalid value ${spec} for configuration ${key}: Unexpected field name: ${spec}`, {
      key,
    })
  }
  const isNested = steps.length > 1
  const field = isNested ? steps[1]! : steps[0]!
  const parent = isNested ? steps[0]! : usualParent(field)
  const name = prefix + (parts[1] ?? (isNested ? `${parent}_${field}` : field))
  return {
    name,
    isOperation: field === 'op',
    find: (envelope) => find(envelope, parent, field, name),
  }
}

/** Where a field is that is named without its struct; null is the envelope itself. */
function usualParent(field: string): string | null {
  if (['op', 'ts_ms', 'ts_us', 'ts_ns'].includes(field)) return null
  if (['id', 'data_collection_order', 'total_order'].includes(field)) return 'transaction'
  return field === 'updateDescription' ? field : 'source'
}

function find(envelope: Schema, parent: string | null, field: string, name: string): FoundField | null {
  const struct = parent === null ? undefined : envelope.field(parent)
  const inner = struct?.schema.type === 'STRUCT' ? struct.schema.field(field) : undefined
  // Another transform may have put the field beside the structs.
  const found = inner ?? envelope.field(field)
  if (found === undefined) return null
  const schema = new Schema({ ...found.schema.parts(), optional: true, default: undefined })
  return { name, schema, read: reader(inner === undefined ? undefined : struct, found, schema) }
}

function reader(parent: Field | undefined, field: Field, schema: Schema): FoundField['read'] {
  return (envelope) => {
    const struct = parent === undefined ? envelope : (envelope.at(parent.index) as Struct | null)
    const value = struct === null ? null : struct.at(field.index)
    // A struct has to have the very schema of its field.
    return value instanceof Struct ? regrown(value, schema) : value
  }
}
