import { inspect } from 'node:util'
import { DataError } from '../errors.ts'
import { equalSchemas, equalValues } from './equality.ts'
import { javaText } from './java-text.ts'
import type { Field, Schema, SchemaType } from './schema.ts'
import { validateValue } from './validate.ts'

/** A value with named fields. `put` checks at once; `validate` finds what was never put. */
export class Struct {
  readonly schema: Schema
  readonly #values: unknown[]

  constructor(schema: Schema)
  /** For `adopt` alone. */
  constructor(schema: Schema, values: unknown[])
  constructor(schema: Schema, values?: unknown[]) {
    if (schema.type !== 'STRUCT') throw new DataError(`Not a struct schema: ${String(schema)}`)
    this.schema = schema
    this.#values = values ?? new Array<unknown>(schema.fields.length).fill(null)
  }

  /**
   * A struct of values that are known to fit, one for each field and null where there is none: for code that made
   * the values by the schema. The array belongs to the struct from then on.
   */
  static adopt(schema: Schema, values: unknown[]): Struct {
    return new Struct(schema, values)
  }

  /** The value, or the field's default when there is none. */
  get(field: string | Field): unknown {
    const found = typeof field === 'string' ? this.#field(field) : field
    return this.#values[found.index] ?? found.schema.default ?? null
  }

  getWithoutDefault(field: string): unknown {
    return this.#values[this.#field(field).index]
  }

  /** The value of the field with that index, without its default. */
  at(index: number): unknown {
    return this.#values[index]
  }

  getString(field: string): string | null {
    return this.#typed(field, 'STRING') as string | null
  }

  getInt8(field: string): number | null {
    return this.#typed(field, 'INT8') as number | null
  }

  getInt16(field: string): number | null {
    return this.#typed(field, 'INT16') as number | null
  }

  getInt32(field: string): number | null {
    return this.#typed(field, 'INT32') as number | null
  }

  getInt64(field: string): number | bigint | null {
    return this.#typed(field, 'INT64') as number | bigint | null
  }

  getFloat32(field: string): number | null {
    return this.#typed(field, 'FLOAT32') as number | null
  }

  getFloat64(field: string): number | null {
    return this.#typed(field, 'FLOAT64') as number | null
  }

  getBoolean(field: string): boolean | null {
    return this.#typed(field, 'BOOLEAN') as boolean | null
  }

  getBytes(field: string): Buffer | null {
    return this.#typed(field, 'BYTES') as Buffer | null
  }

  getStruct(field: string): Struct | null {
    return this.#typed(field, 'STRUCT') as Struct | null
  }

  getArray(field: string): readonly unknown[] | null {
    return this.#typed(field, 'ARRAY') as readonly unknown[] | null
  }

  /** A Map, or a plain object where the keys are strings. */
  getMap(field: string): object | null {
    return this.#typed(field, 'MAP') as object | null
  }

  put(field: string | Field, value: unknown): this {
    const found = typeof field === 'string' ? this.#field(field) : field
    if (!found) throw new DataError('field cannot be null.')
    validateValue(found.schema, value ?? null, `field: "${found.name}"`)
    this.#values[found.index] = value ?? null
    return this
  }

  /** Puts a value that is known to fit: for code that made the schema from the value. */
  putUnchecked(field: Field, value: unknown): this {
    this.#values[field.index] = value
    return this
  }

  validate(): void {
    for (const field of this.schema.fields) {
      const value = this.#values[field.index]
      if (value === null && (field.schema.optional || field.schema.default !== undefined)) continue
      validateValue(field.schema, value, `field: "${field.name}"`)
    }
  }

  equals(other: Struct): boolean {
    if (this === other) return true
    if (!equalSchemas(this.schema, other.schema)) return false
    return this.#values.every((value, index) => equalValues(value, other.#values[index]))
  }

  /** `Struct{a=1,b=x}`: Java's text, without the fields that are null. */
  toString(): string {
    const parts: string[] = []
    for (const { name, index, schema } of this.schema.fields) {
      const value = this.#values[index]
      if (value !== null) parts.push(`${name}=${javaText(value, schema)}`)
    }
    return `Struct{${parts.join(',')}}`
  }

  [inspect.custom](): string {
    return this.toString()
  }

  #field(name: string): Field {
    const field = this.schema.field(name)
    if (!field) throw new DataError(`${name} is not a valid field name`)
    return field
  }

  #typed(name: string, type: SchemaType): unknown {
    const field = this.#field(name)
    if (field.schema.type !== type) throw new DataError(`Field '${name}' is not of type ${type}`)
    return this.#values[field.index]
  }
}
