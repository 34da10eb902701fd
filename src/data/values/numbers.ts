import { Decimal } from '../decimal.ts'
import { asciiDigits } from '../java-digits.ts'
import { nearestFloat } from '../java-numbers.ts'
import { decimalBuilder } from '../logical-types.ts'
import { Schema } from '../schema.ts'
import type { SchemaAndValue } from '../schema-and-value.ts'

/** A decimal as `new BigDecimal(text)` reads it; undefined where Java throws NumberFormatException. */
export function parseDecimal(text: string): Decimal | undefined {
  try {
    return Decimal.parse(asciiDigits(text))
  } catch {
    return undefined
  }
}

/** A number in the smallest of Connect's types that holds it; precision beyond a float is lost. */
export function parseNumber(text: string): SchemaAndValue | undefined {
  const decimal = parseDecimal(text)
  if (decimal === undefined) return undefined
  const integer = asInteger(decimal)
  if (integer !== undefined) return integer
  const token = decimal.toString()
  const double = Number(token)
  const float = nearestFloat(double, () => token)
  if (Number.isFinite(float) && decimal.scale !== 0) return { schema: Schema.FLOAT32, value: float }
  if (Number.isFinite(double) && decimal.scale !== 0) return { schema: Schema.FLOAT64, value: double }
  return { schema: decimalBuilder(decimal.scale).build(), value: decimal }
}

function asInteger({ unscaled, scale }: Decimal): SchemaAndValue | undefined {
  if (unscaled === 0n) return { schema: Schema.INT8, value: 0 }
  let value = unscaled
  if (scale < 0) {
    if (scale < -18) return undefined
    value *= 10n ** BigInt(-scale)
  } else if (scale > 0) {
    // A number of fewer digits than the scale is below one.
    if (scale > value.toString().length) return undefined
    const power = 10n ** BigInt(scale)
    if (value % power !== 0n) return undefined
    value /= power
  }
  if (BigInt.asIntN(64, value) !== value) return undefined
  const number = Number(value)
  if (!Number.isSafeInteger(number)) return { schema: Schema.INT64, value }
  if ((number << 24) >> 24 === number) return { schema: Schema.INT8, value: number }
  if ((number << 16) >> 16 === number) return { schema: Schema.INT16, value: number }
  return { schema: (number | 0) === number ? Schema.INT32 : Schema.INT64, value: number }
}
