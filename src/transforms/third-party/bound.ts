import { Float32, Float64, Instant, Int16, Int32, Int8, isPlainObject } from '../../index.ts'
import { setMember } from '../maps.ts'

const wrappers = [Int8, Int16, Int32, Float32, Float64, Instant]

/** A value that speaks for itself, as the schema inferred from it has it. */
export function bound(value: unknown): unknown {
  if (wrappers.some((wrapper) => value instanceof wrapper)) return Number(value)
  if (Array.isArray(value)) return value.map(bound)
  if (value instanceof Map) return new Map(Array.from(value, ([key, item]) => [bound(key), bound(item)]))
  if (!isPlainObject(value)) return value
  const map = {}
  for (const name of Object.keys(value)) setMember(map, name, bound(value[name]))
  return map
}
