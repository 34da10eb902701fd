/** Numbers as the parsers of Java's number classes read them; undefined where Java throws NumberFormatException. */
import { asciiDigits, javaTrim, nearestFloat } from '../index.ts'

/** `Byte.parseByte` to `Long.parseLong`. */
export function parseJavaInteger(text: string, bits: 8 | 16 | 32 | 64): number | bigint | undefined {
  if (!/^[+-]?\p{Nd}+$/u.test(text)) return undefined
  const value =
    BigInt(asciiDigits(text).replace(/^\+/, '').replace(/^-/, '')) * (text.startsWith('-') ? -1n : 1n)
  if (BigInt.asIntN(bits, value) !== value) return undefined
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** `Double.parseDouble`. Like Java, and unlike integers, only with ASCII digits. */
export function parseJavaDouble(text: string): number | undefined {
  return parseFloating(text, Number)
}

/** `Float.parseFloat` */
export function parseJavaFloat(text: string): number | undefined {
  return parseFloating(text, (token) => nearestFloat(Number(token), () => token), Math.fround)
}

function parseFloating(
  text: string,
  fromDecimal: (token: string) => number,
  round: (value: number) => number = (value) => value,
): number | undefined {
  const token = javaTrim(text)
  const special = /^([+-]?)(NaN|Infinity)$/.exec(token)
  if (special) {
    if (special[2] === 'NaN') return Number.NaN
    return special[1] === '-' ? -Infinity : Infinity
  }
  const decimal = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)[fFdD]?$/.exec(token)
  if (decimal) return fromDecimal(decimal[1]!)
  const hex = /^([+-]?)0[xX]([\da-fA-F]*)\.?([\da-fA-F]*)[pP]([+-]?\d+)[fFdD]?$/.exec(token)
  if (!hex || hex[2]! + hex[3]! === '') return undefined
  const digits = Number(BigInt(`0x${hex[2]}${hex[3]}`))
  const value = digits === 0 ? 0 : digits * 2 ** (Number(hex[4]) - 4 * hex[3]!.length)
  return round(hex[1] === '-' ? -value : value)
}
