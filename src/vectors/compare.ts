import { readJson } from '../config/json-reader.ts'

/** A number as it is written: what makes `1` and `1.0` different answers. */
class NumberToken {
  readonly token: string
  constructor(token: string) {
    this.token = token
  }
}

/**
 * Whether two JSON texts have the same value: members of objects in any order, numbers by kind (integer or not) and
 * value, and arrays of pairs, which stand for maps, in any order. Text that is no JSON equals nothing.
 */
export function equalJsonTexts(a: string | null, b: string | null): boolean {
  if (a === null || b === null) return a === b
  try {
    return equalValues(parse(a), parse(b))
  } catch {
    return false
  }
}

function parse(text: string): unknown {
  return readJson(text, { number: (token) => new NumberToken(token) })
}

function equalValues(a: unknown, b: unknown): boolean {
  if (a instanceof NumberToken) return b instanceof NumberToken && equalNumbers(a.token, b.token)
  if (Array.isArray(a)) return Array.isArray(b) && equalArrays(a, b)
  if (typeof a !== 'object' || a === null) return a === b
  if (typeof b !== 'object' || b === null || Array.isArray(b) || b instanceof NumberToken) return false
  const keys = Object.keys(a)
  return (
    keys.length === Object.keys(b).length &&
    keys.every(
      (key) => Object.hasOwn(b, key) && equalValues(a[key as keyof typeof a], b[key as keyof typeof b]),
    )
  )
}

function equalArrays(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false
  if (a.every((item, at) => equalValues(item, b[at]))) return true
  const isMap = [...a, ...b].every((item) => Array.isArray(item) && item.length === 2)
  if (!isMap) return false
  const left = [...b]
  return a.every((item) => {
    const at = left.findIndex((other) => equalValues(item, other))
    if (at >= 0) left.splice(at, 1)
    return at >= 0
  })
}

function equalNumbers(a: string, b: string): boolean {
  const isInteger = (token: string) => !/[.eE]/.test(token)
  if (isInteger(a) !== isInteger(b)) return false
  if (isInteger(a)) return BigInt(a) === BigInt(b)
  if (digits(a) <= 17 && digits(b) <= 17) return Object.is(Number(a), Number(b))
  return normal(a) === normal(b)
}

function digits(token: string): number {
  return token.replace(/[eE].*$/, '').replace(/\D/g, '').length
}

/** Sign, digits without zeros at either end, and the power of ten of the last digit. */
function normal(token: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)\.?(\d*)(?:[eE]([+-]?\d+))?$/.exec(token)!
  const all = (whole + fraction).replace(/^0+/, '')
  const significant = all.replace(/0+$/, '')
  if (significant === '') return `${sign}0`
  return `${sign}${significant}e${Number(exponent) - fraction.length + all.length - significant.length}`
}
