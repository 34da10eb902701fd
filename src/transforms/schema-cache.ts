import { equalSchemas, type Schema } from '../index.ts'

const size = 16

/**
 * Remembers what `derive` made of the last 16 schemas, compared by content. The same result object comes again
 * for equal schemas, which later stages and converters rely on to be quick.
 */
export function schemaCache(derive: (schema: Schema) => Schema): (schema: Schema) => Schema {
  let lastIn: Schema | null = null
  let lastOut: Schema | null = null
  const known: [from: Schema, to: Schema][] = []
  return (schema) => {
    if (schema === lastIn) return lastOut!
    const at = known.findIndex(([from]) => equalSchemas(from, schema))
    const entry: [Schema, Schema] = at < 0 ? [schema, derive(schema)] : known.splice(at, 1)[0]!
    known.push(entry)
    if (known.length > size) known.shift()
    lastIn = schema
    lastOut = entry[1]
    return lastOut
  }
}
