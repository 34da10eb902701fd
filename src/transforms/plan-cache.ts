import { equalSchemas, type Schema } from '../index.ts'

const size = 16

/**
 * Remembers what `derive` made of the last 16 schemas, compared by content: a derived schema together with where its
 * values come from, so that a record of a known schema is looked up in nothing.
 */
export function planCache<Plan>(derive: (schema: Schema) => Plan): (schema: Schema) => Plan {
  let last: readonly [from: Schema, plan: Plan] | null = null
  const known: (readonly [from: Schema, plan: Plan])[] = []
  return (schema) => {
    if (last !== null && last[0] === schema) return last[1]
    const at = known.findIndex(([from]) => equalSchemas(from, schema))
    const plan = at < 0 ? derive(schema) : known.splice(at, 1)[0]![1]
    last = [schema, plan]
    known.push(last)
    if (known.length > size) known.shift()
    return plan
  }
}
