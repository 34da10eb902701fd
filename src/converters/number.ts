/**
 * Converters of single numbers, big-endian.
 *
 * Same as org.apache.kafka.connect.converters.ShortConverter, IntegerConverter, LongConverter, FloatConverter and
 * DoubleConverter.
 */
import { configDef, DataError, defineConverter, javaClassOf, Schema } from '../index.ts'

export const shortConverter = numberConverter('Short', 2, Schema.OPTIONAL_INT16, {
  write: (bytes, value) => bytes.writeInt16BE(Number(value)),
  read: (bytes) => bytes.readInt16BE(),
})

export const integerConverter = numberConverter('Integer', 4, Schema.OPTIONAL_INT32, {
  write: (bytes, value) => bytes.writeInt32BE(Number(value)),
  read: (bytes) => bytes.readInt32BE(),
})

export const longConverter = numberConverter('Long', 8, Schema.OPTIONAL_INT64, {
  write: (bytes, value) => bytes.writeBigInt64BE(BigInt(value)),
  read(bytes) {
    const value = bytes.readBigInt64BE()
    return Number.isSafeInteger(Number(value)) ? Number(value) : value
  },
})

export const floatConverter = numberConverter('Float', 4, Schema.OPTIONAL_FLOAT32, {
  write: (bytes, value) => bytes.writeFloatBE(Number(value)),
  read: (bytes) => bytes.readFloatBE(),
})

export const doubleConverter = numberConverter('Double', 8, Schema.OPTIONAL_FLOAT64, {
  write: (bytes, value) => bytes.writeDoubleBE(Number(value)),
  read: (bytes) => bytes.readDoubleBE(),
})

interface NumberCodec {
  write(bytes: Buffer, value: number | bigint): void
  read(bytes: Buffer): number | bigint
}

function numberConverter(name: string, size: number, schema: Schema, codec: NumberCodec) {
  const type = name.toLowerCase()
  const javaClass = `java.lang.${name}`
  return defineConverter({
    name: `org.apache.kafka.connect.converters.${name}Converter`,
    doc: `Writes a number of type ${type} as ${size} bytes.`,
    roles: ['key', 'value', 'header'],
    config: configDef({}),
    create: () => ({
      fromConnectData(_, data) {
        if (data.value === null || data.value === undefined) return null
        const found = javaClassOf(data.value, data.schema)
        if (found !== javaClass) throw new DataError(`Failed to serialize to ${type} (was class ${found}): `)
        const bytes = Buffer.allocUnsafe(size)
        codec.write(bytes, (data.value as { valueOf(): number | bigint }).valueOf())
        return bytes
      },
      toConnectData(_, bytes) {
        if (bytes === null) return { schema, value: null }
        if (bytes.length === size) return { schema, value: codec.read(bytes) }
        throw new DataError(`Failed to deserialize ${type}: `, {
          cause: new RangeError(`Size of data received by ${name}Deserializer is not ${size}`),
        })
      },
    }),
  })
}
