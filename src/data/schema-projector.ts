import { SchemaProjectorError } from '../errors.ts'
import { equalValues } from './equality.ts'
import { javaText } from './java-text.ts'
import type { Schema, SchemaType } from './schema.ts'
import { Struct } from './struct.ts'
import { entriesOf } from './validate.ts'

/** Numbers may become wider, from left to right. */
const widths: readonly SchemaType[] = ['INT8', 'INT16', 'INT32', 'INT64', 'FLOAT32', 'FLOAT64']

/**
 * Brings a value from the schema it was written with to another one, as Connect's SchemaProjector does: fields are
 * dropped or filled with defaults, numbers are widened. Throws SchemaProjectorError when the schemas do not allow it.
 */
export function project(source: Schema, value: unknown, target: Schema): unknown {
  checkCompatible(source, target)
  if (source.optional && !target.optional) {
    if (target.default === undefined) {
      throw new SchemaProjectorError(
        'Writer schema is optional, however, target schema does not provide a default value.',
      )
    }
    return value === null || value === undefined ? target.default : projectValue(source, value, target)
  }
  return value === null || value === undefined ? null : projectValue(source, value, target)
}

function checkCompatible(source: Schema, target: Schema): void {
  const [from, to] = [widths.indexOf(source.type), widths.indexOf(target.type)]
  if (source.type !== target.type && (from < 0 || to < from)) {
    throw new SchemaProjectorError(
      `Schema type mismatch. source type: ${source.type} and target type: ${target.type}`,
    )
  }
  if (source.name !== target.name) {
    throw new SchemaProjectorError(
      `Schema name mismatch. source name: ${source.name} and target name: ${target.name}`,
    )
  }
  if (!equalValues(source.parameters, target.parameters)) {
    const [a, b] = [javaText(source.parameters), javaText(target.parameters)]
    throw new SchemaProjectorError(
      `Schema parameters not equal. source parameters: ${a} and target parameters: ${b}`,
    )
  }
}

function projectValue(source: Schema, value: unknown, target: Schema): unknown {
  switch (target.type) {
    case 'STRUCT':
      return projectStruct(source, value as Struct, target)
    case 'ARRAY':
      return (value as readonly unknown[]).map((item) =>
        project(source.valueSchema!, item, target.valueSchema!),
      )
    case 'MAP': {
      const entries = Array.from(entriesOf(value as object), ([key, item]): [unknown, unknown] => [
        project(source.keySchema!, key, target.keySchema!),
        project(source.valueSchema!, item, target.valueSchema!),
      ])
      return value instanceof Map ? new Map(entries) : Object.fromEntries(entries)
    }
    case 'FLOAT32':
      return Math.fround(Number(value))
    case 'FLOAT64':
      return Number(value)
    default:
      return value
  }
}

function projectStruct(source: Schema, value: Struct, target: Schema): Struct {
  const projected = new Struct(target)
  for (const field of target.fields) {
    const from = source.field(field.name)
    if (from !== undefined) {
      try {
        projected.put(field, project(from.schema, value.get(from), field.schema))
      } catch (cause) {
        throw new SchemaProjectorError(`Error projecting ${field.name}`, { cause })
      }
    } else if (!field.schema.optional) {
      if (field.schema.default === undefined) {
        throw new SchemaProjectorError(
          `Required field \`${field.name}\` is missing from source schema: ${String(source)}`,
        )
      }
      projected.put(field, field.schema.default)
    } else if (field.schema.default !== undefined) projected.put(field, field.schema.default)
  }
  return projected
}
