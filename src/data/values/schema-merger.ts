import type { Schema, SchemaType } from '../schema.ts'
import type { SchemaAndValue } from '../schema-and-value.ts'

const widths: Partial<Record<SchemaType, number>> = {
  INT8: 1,
  INT16: 2,
  INT32: 3,
  INT64: 4,
  FLOAT32: 5,
  FLOAT64: 6,
}

/** Finds the schema that the elements of a container have in common. */
export class SchemaMerger {
  #common: Schema | null = null
  #isCompatible = true

  /** null while there were only nulls, and when there is none. */
  get common(): Schema | null {
    return this.#isCompatible ? this.#common : null
  }

  add(element: SchemaAndValue | null): void {
    const schema = element?.schema ?? null
    if (schema === null || !this.#isCompatible) return
    const merged = this.#common === null ? schema : merge(this.#common, schema)
    if (merged === null) this.#isCompatible = false
    else this.#common = merged
  }
}

/** The wider of two numeric schemas, the later of two of one type. */
function merge(before: Schema, after: Schema): Schema | null {
  if (before.type === after.type) return after
  const [left, right] = [widths[before.type], widths[after.type]]
  if (left === undefined || right === undefined) return null
  return left > right ? before : after
}
