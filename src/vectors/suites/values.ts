import { Schema, Values, dateBuilder, decimalBuilder, timeBuilder, timestampBuilder } from '../../index.ts'
import type { SchemaAndValue, SchemaBuilder } from '../../index.ts'
import { type Decimal } from '../../data/decimal.ts'
import { Envelopes, equalEnvelopes, type ExpectedEnvelope } from '../envelope.ts'
import type { Suite } from '../suite.ts'

interface Input {
  readonly text?: string | null
  readonly envelope?: string | null
  readonly convertTo?: string
  readonly scale?: number
}

interface Expected extends ExpectedEnvelope {
  readonly text?: string | null
}

interface Answer {
  readonly envelope?: string | null
  readonly envelopeError?: Error
  readonly text?: string | null
}

/** Text to typed value, typed value to text, and typed conversions. */
export const valuesSuite: Suite<Input, Expected, Answer> = {
  run({ text, envelope, convertTo, scale }) {
    const envelopes = new Envelopes()
    const data = text === undefined ? envelopes.read(envelope ?? null) : Values.parseString(text)
    if (convertTo !== undefined) return envelopes.rendered(converted(data, convertTo, scale ?? 0))
    return { ...envelopes.rendered(data), text: Values.convertToString(data.schema, data.value) }
  },
  matches: (answer, expected) =>
    equalEnvelopes(answer, expected) && (expected.text === undefined || answer.text === expected.text),
}

function converted({ schema, value }: SchemaAndValue, to: string, scale: number): SchemaAndValue {
  const optional = (builder: SchemaBuilder): Schema => builder.optional().build()
  switch (to) {
    case 'boolean':
      return { schema: Schema.OPTIONAL_BOOLEAN, value: Values.convertToBoolean(schema, value) }
    case 'int8':
      return { schema: Schema.OPTIONAL_INT8, value: Values.convertToByte(schema, value) }
    case 'int16':
      return { schema: Schema.OPTIONAL_INT16, value: Values.convertToShort(schema, value) }
    case 'int32':
      return { schema: Schema.OPTIONAL_INT32, value: Values.convertToInteger(schema, value) }
    case 'int64':
      return { schema: Schema.OPTIONAL_INT64, value: Values.convertToLong(schema, value) }
    case 'float32':
      return { schema: Schema.OPTIONAL_FLOAT32, value: Values.convertToFloat(schema, value) }
    case 'float64':
      return { schema: Schema.OPTIONAL_FLOAT64, value: Values.convertToDouble(schema, value) }
    case 'string':
      return { schema: Schema.OPTIONAL_STRING, value: Values.convertToString(schema, value) }
    case 'array':
      return { schema: null, value: Values.convertToList(schema, value) }
    case 'map':
      return { schema: null, value: Values.convertToMap(schema, value) }
    case 'struct':
      return { schema: null, value: Values.convertToStruct(schema, value) }
    case 'date':
      return { schema: optional(dateBuilder()), value: Values.convertToDate(schema, value) }
    case 'time':
      return { schema: optional(timeBuilder()), value: Values.convertToTime(schema, value) }
    case 'timestamp':
      return { schema: optional(timestampBuilder()), value: Values.convertToTimestamp(schema, value) }
    case 'decimal': {
      const decimal: Decimal = Values.convertToDecimal(schema, value, scale)
      return { schema: optional(decimalBuilder(decimal.scale)), value: decimal }
    }
    default:
      throw new Error(`There is no conversion to ${to}.`)
  }
}
