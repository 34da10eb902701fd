import { ConfigError } from '../errors.ts'
import { javaTrim } from '../util/java-trim.ts'
import { javaDoubleText, javaText } from './java-text.ts'
import { Password } from './password.ts'

export type ConfigType =
  'BOOLEAN' | 'STRING' | 'INT' | 'SHORT' | 'LONG' | 'DOUBLE' | 'LIST' | 'CLASS' | 'PASSWORD'

/**
 * The value of a setting: parsed from text, or taken as it is when it has the right type already (defaults, and
 * programs that embed a worker). Null is a value of every type. Throws ConfigError with Kafka's message.
 */
export function parseValue(name: string, value: unknown, type: ConfigType): unknown {
  if (value === null) return null
  return typeof value === 'string' ? parseText(name, value, type) : checkNative(name, value, type)
}

/** `Invalid value x for configuration y: why`, as Kafka puts it. */
export function invalidValue(name: string, value: unknown, problem?: string, type?: ConfigType): ConfigError {
  const shown = type === 'PASSWORD' ? '[hidden]' : javaText(value, type === 'DOUBLE')
  const text = `Invalid value ${shown} for configuration ${name}`
  return new ConfigError(problem === undefined ? text : `${text}: ${problem}`, { key: name })
}

/** A value as text, as REST answers and documentation show it. */
export function valueText(value: unknown, type: ConfigType): string | null {
  if (value === null || value === undefined) return null
  if (Array.isArray(value)) return value.join(',')
  return type === 'DOUBLE' ? javaDoubleText(value as number) : String(value)
}

function parseText(name: string, value: string, type: ConfigType): unknown {
  const text = javaTrim(value)
  switch (type) {
    case 'STRING':
    case 'CLASS':
      return text
    case 'PASSWORD':
      return new Password(text)
    case 'LIST':
      return parseList(text)
    case 'BOOLEAN':
      if (/^true$/i.test(text)) return true
      if (/^false$/i.test(text)) return false
      throw invalidValue(name, value, 'Expected value to be either true or false')
    case 'DOUBLE':
      return parseDouble(text) ?? notANumber(name, value, type)
    default:
      return parseInteger(text, integerBits[type]) ?? notANumber(name, value, type)
  }
}

const integerBits = { SHORT: 16, INT: 32, LONG: 64 }

function notANumber(name: string, value: string, type: ConfigType): never {
  throw invalidValue(name, value, `Not a number of type ${type}`)
}

// Elements are cut at commas with the blanks around these, and empty ones are kept. No regular expression with
// blanks before the comma: its time would grow with the square of their number.
function parseList(text: string): string[] {
  return text === ''
    ? []
    : text.split(',').map((item) => item.replace(/^[ \t\n\v\f\r]+/, '').replace(trailing, ''))
}

const trailing = /(?<![ \t\n\v\f\r])[ \t\n\v\f\r]+$/

function parseInteger(text: string, bits: number): number | bigint | undefined {
  if (!/^[+-]?\p{Nd}+$/u.test(text)) return undefined
  const ascii = text.replace(/[^+\-0-9]/gu, asciiDigit).replace(/^([+-]?)0+(?=\d)/, '$1')
  if (ascii.length > 20) return undefined
  const limit = 2n ** BigInt(bits - 1)
  const value = BigInt(ascii.startsWith('+') ? ascii.slice(1) : ascii)
  if (value < -limit || value >= limit) return undefined
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** Java reads the digits of every script. They come in runs of ten, each from its zero on. */
function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0)!
  let value = 0
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value++
  return String(value)
}

function parseDouble(text: string): number | undefined {
  const special = /^([+-]?)(NaN|Infinity)$/.exec(text)
  if (special) return special[2] === 'NaN' ? Number.NaN : special[1] === '-' ? -Infinity : Infinity
  if (/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[fFdD]?$/.test(text)) return Number(text.replace(/[fFdD]$/, ''))
  const hex = /^([+-]?)0[xX]([\da-fA-F]*)\.?([\da-fA-F]*)[pP]([+-]?\d+)[fFdD]?$/.exec(text)
  if (!hex || hex[2]! + hex[3]! === '') return undefined
  const digits = Number(BigInt(`0x${hex[2]}${hex[3]}`))
  const value = digits === 0 ? 0 : digits * 2 ** (Number(hex[4]) - 4 * hex[3]!.length)
  return hex[1] === '-' ? -value : value
}

const expected: Readonly<Record<ConfigType, string>> = {
  BOOLEAN: 'Expected value to be either true or false',
  STRING: 'Expected value to be a string, but it was a ',
  CLASS: 'Expected a Class instance or class name.',
  INT: 'Expected value to be a 32-bit integer, but it was a ',
  SHORT: 'Expected value to be a 16-bit integer (short), but it was a ',
  LONG: 'Expected value to be a 64-bit integer (long), but it was a ',
  DOUBLE: 'Expected value to be a double, but it was a ',
  LIST: 'Expected a comma separated list.',
  PASSWORD: 'Expected value to be a string, but it was a ',
}

function checkNative(name: string, value: unknown, type: ConfigType): unknown {
  if (isNative(value, type)) return value
  const message = expected[type]
  throw invalidValue(name, value, message.endsWith(' ') ? message + javaClassOf(value) : message, type)
}

function isNative(value: unknown, type: ConfigType): boolean {
  switch (type) {
    case 'BOOLEAN':
      return typeof value === 'boolean'
    case 'PASSWORD':
      return value instanceof Password
    case 'LIST':
      return Array.isArray(value)
    case 'DOUBLE':
      return typeof value === 'number'
    case 'STRING':
    case 'CLASS':
      return false
    default: {
      if (typeof value !== 'bigint' && !Number.isInteger(value)) return false
      return BigInt.asIntN(integerBits[type], BigInt(value as number)) === BigInt(value as number)
    }
  }
}

function javaClassOf(value: unknown): string {
  if (typeof value === 'boolean') return 'java.lang.Boolean'
  if (typeof value === 'bigint') return 'java.lang.Long'
  if (typeof value !== 'number') return Array.isArray(value) ? 'java.util.ArrayList' : typeof value
  if (!Number.isInteger(value)) return 'java.lang.Double'
  return isNative(value, 'INT') ? 'java.lang.Integer' : 'java.lang.Long'
}
