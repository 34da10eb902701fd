import { DataError, Decimal, javaClassOf, type Schema } from '../../index.ts'

/**
 * What `hashCode` gives in Java for a value of that schema. Throws DataError for a struct, whose hash is another one
 * each time the JVM starts.
 */
export function javaHash(value: unknown, schema: Schema | null): number {
  switch (typeof value) {
    case 'string':
      return textHash(value)
    case 'boolean':
      return value ? 1231 : 1237
    case 'bigint':
      return longHash(value)
    case 'number':
      return numberHash(value, schema)
    default:
      return objectHash(value, schema)
  }
}

function textHash(text: string): number {
  let hash = 0
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0
  return hash
}

function numberHash(value: number, schema: Schema | null): number {
  const view = new DataView(new ArrayBuffer(8))
  switch (javaClassOf(value, schema)) {
    case 'java.lang.Byte':
    case 'java.lang.Short':
    case 'java.lang.Integer':
      return value
    case 'java.lang.Float':
      view.setFloat32(0, value)
      return view.getInt32(0)
    case 'java.lang.Double':
      view.setFloat64(0, value)
      return view.getInt32(0) ^ view.getInt32(4)
    default:
      return longHash(BigInt(value))
  }
}

function longHash(value: bigint): number {
  return Number(BigInt.asIntN(32, value ^ (value >> 32n)))
}

function objectHash(value: unknown, schema: Schema | null): number {
  if (value instanceof Decimal) return (Math.imul(31, bigHash(value.unscaled)) + value.scale) | 0
  // Debezium has bytes in a ByteBuffer, which counts from its end.
  if (value instanceof Uint8Array) return sequenceHash([...value].reverse(), (byte) => (byte << 24) >> 24)
  if (Array.isArray(value)) return sequenceHash(value, (item) => javaHash(item, schema?.valueSchema ?? null))
  throw new DataError(`A partition cannot be computed from a ${javaClassOf(value, schema)}`)
}

function sequenceHash<T>(items: readonly T[], hash: (item: T) => number): number {
  let result = 1
  for (const item of items) result = (Math.imul(31, result) + (item === null ? 0 : hash(item))) | 0
  return result
}

/** BigInteger's: over the magnitude in words of 32 bits, the highest first, with the sign. */
function bigHash(value: bigint): number {
  const magnitude = value < 0n ? -value : value
  let hash = 0
  for (
    let shift = BigInt(32 * Math.ceil(magnitude.toString(16).length / 8)) - 32n;
    shift >= 0n;
    shift -= 32n
  ) {
    hash = (Math.imul(31, hash) + Number(BigInt.asIntN(32, magnitude >> shift))) | 0
  }
  return value < 0n ? -hash | 0 : hash
}
