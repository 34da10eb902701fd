/** A number with fraction or exponent: the token keeps what a double loses. */
export class Fraction {
  readonly token: string
  readonly value: number

  constructor(token: string, value: number) {
    this.token = token
    this.value = value
  }
}

/** What becomes of the numbers that JSON.parse would spoil. */
export interface NumberReader {
  /** An integer beyond 15 digits; the token has neither a plus sign nor leading zeros. */
  big(token: string): unknown
  /** A number with fraction or exponent, and the nearest double. */
  fraction(token: string, value: number): unknown
}

/** Numbers as they are: unsafe integers as bigint, what has a fraction or exponent as Fraction. */
export const exactNumbers: NumberReader = {
  big: integer,
  fraction: (token, value) => new Fraction(token, value),
}

function integer(token: string): number | bigint {
  const number = Number(token)
  return Number.isSafeInteger(number) ? number : BigInt(token)
}

const maxDepth = 1000
const maxNumberLength = 1000
const maxNameLength = 50_000
const maxStringLength = 20_000_000

/**
 * Whether JSON.parse gives all that `text` says: it has no number written with an exponent, a fraction of zeros, a
 * minus before zero or more than 15 digits, and stays within the limits of Kafka Connect's parser. Says nothing about
 * whether the text is JSON at all.
 */
export function isPlainJson(text: string): boolean {
  const length = text.length
  let depth = 0
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x22) {
      const start = at
      do {
        at = text.indexOf('"', at + 1)
        if (at < 0) return false
      } while (text.charCodeAt(at - 1) === 0x5c && isEscaped(text, at))
      if (at - start > maxNameLength) return false
    } else if (code === 0x2d || (code >= 0x30 && code <= 0x39)) {
      at = skipPlainNumber(text, at)
      if (at < 0) return false
    } else if (code === 0x7b || code === 0x5b) {
      if (++depth > maxDepth) return false
    } else if (code === 0x7d || code === 0x5d) depth--
  }
  return true
}

/** Whether the quote at `at` is behind an odd number of backslashes. */
function isEscaped(text: string, at: number): boolean {
  let slash = at - 1
  while (text.charCodeAt(slash) === 0x5c) slash--
  return (at - slash) % 2 === 0
}

/** The last character of the number at `start`; -1 for one that JSON.parse would spoil. */
function skipPlainNumber(text: string, start: number): number {
  let at = start
  let code = text.charCodeAt(at)
  const isNegative = code === 0x2d
  if (isNegative) code = text.charCodeAt(++at)
  const isZero = code === 0x30
  let digits = 0
  for (; code >= 0x30 && code <= 0x39; code = text.charCodeAt(++at)) digits++
  if (code === 0x2e) {
    let nonZero = 0
    code = text.charCodeAt(++at)
    for (; code >= 0x30 && code <= 0x39; code = text.charCodeAt(++at)) {
      nonZero |= code - 0x30
      digits++
    }
    if (nonZero === 0) return -1
  } else if (isNegative && isZero) return -1
  return digits > 15 || code === 0x65 || code === 0x45 ? -1 : at - 1
}

/**
 * Reads the first JSON value of `text` as Jackson does for Kafka Connect: leading zeros are fine, whatever follows the
 * value is ignored, the last of several equal names wins. Gives undefined for a blank text; throws SyntaxError.
 */
export function parseJson(text: string, numbers: NumberReader): unknown {
  return new JsonParser(text, numbers).first()
}

/** The same for a text that is one JSON value and nothing else: undefined where more follows. */
export function parseWholeJson(text: string, numbers: NumberReader): unknown {
  return new JsonParser(text, numbers).only()
}

class JsonParser {
  readonly #text: string
  readonly #numbers: NumberReader
  #at = 0

  constructor(text: string, numbers: NumberReader) {
    this.#text = text
    this.#numbers = numbers
  }

  first(): unknown {
    const code = this.#skipBlanks()
    if (Number.isNaN(code)) return undefined
    const value = this.#value(code, 0)
    if (code === 0x2d || (code >= 0x30 && code <= 0x39)) this.#checkRootSpace()
    return value
  }

  only(): unknown {
    const value = this.first()
    return Number.isNaN(this.#skipBlanks()) ? value : undefined
  }

  #value(code: number, depth: number): unknown {
    switch (code) {
      case 0x22:
        return this.#string(maxStringLength)
      case 0x7b:
        return this.#object(depth + 1)
      case 0x5b:
        return this.#array(depth + 1)
      case 0x74:
        return this.#word('true', true)
      case 0x66:
        return this.#word('false', false)
      case 0x6e:
        return this.#word('null', null)
      default:
        return this.#number(code)
    }
  }

  #object(depth: number): Record<string, unknown> {
    if (depth > maxDepth) this.#tooDeep()
    const object: Record<string, unknown> = {}
    this.#at++
    let code = this.#skipBlanks()
    if (code === 0x7d) {
      this.#at++
      return object
    }
    for (;;) {
      if (code !== 0x22) this.#fail()
      const name = this.#string(maxNameLength)
      if (this.#skipBlanks() !== 0x3a) this.#fail()
      this.#at++
      const value = this.#value(this.#skipBlanks(), depth)
      // An assignment to __proto__ would set the prototype.
      if (name !== '__proto__') object[name] = value
      else
        Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true })
      code = this.#skipBlanks()
      if (code === 0x7d) break
      if (code !== 0x2c) this.#fail()
      this.#at++
      code = this.#skipBlanks()
    }
    this.#at++
    return object
  }

  #array(depth: number): unknown[] {
    if (depth > maxDepth) this.#tooDeep()
    const array: unknown[] = []
    this.#at++
    let code = this.#skipBlanks()
    if (code === 0x5d) {
      this.#at++
      return array
    }
    for (;;) {
      array.push(this.#value(code, depth))
      code = this.#skipBlanks()
      if (code === 0x5d) break
      if (code !== 0x2c) this.#fail()
      this.#at++
      code = this.#skipBlanks()
    }
    this.#at++
    return array
  }

  #string(maxLength: number): string {
    const text = this.#text
    const start = this.#at + 1
    let at = start
    let isPlain = true
    for (;;) {
      const code = text.charCodeAt(at)
      if (code === 0x22) break
      if (code === 0x5c) {
        isPlain = false
        at++
      } else if (!(code >= 0x20)) {
        this.#at = at
        this.#fail()
      }
      at++
    }
    if (at - start > maxLength) throw new SyntaxError(`a string of more than ${maxLength} characters`)
    this.#at = at + 1
    return isPlain ? text.slice(start, at) : (JSON.parse(text.slice(start - 1, at + 1)) as string)
  }

  #number(first: number): unknown {
    const text = this.#text
    const start = this.#at
    let at = start
    let code = first
    if (code === 0x2d) code = text.charCodeAt(++at)
    const wholeStart = at
    let value = 0
    for (; code >= 0x30 && code <= 0x39; code = text.charCodeAt(++at)) value = value * 10 + code - 0x30
    let digits = at - wholeStart
    if (digits === 0) this.#fail(at)
    if (code !== 0x2e && code !== 0x65 && code !== 0x45) {
      this.#at = at
      if (digits > 15) return this.#bigInteger(wholeStart, at, first === 0x2d)
      return first === 0x2d && value !== 0 ? -value : value
    }
    let fraction = 0
    if (code === 0x2e) {
      code = text.charCodeAt(++at)
      for (; code >= 0x30 && code <= 0x39; code = text.charCodeAt(++at)) {
        value = value * 10 + code - 0x30
        fraction++
      }
      if (fraction === 0) this.#fail(at)
    }
    digits += fraction
    let hasExponent = false
    if (code === 0x65 || code === 0x45) {
      hasExponent = true
      code = text.charCodeAt(++at)
      const signStart = at
      if (code === 0x2b || code === 0x2d) code = text.charCodeAt(++at)
      const exponentStart = at
      for (; code >= 0x30 && code <= 0x39; code = text.charCodeAt(++at)) digits++
      if (at === exponentStart) this.#fail(at)
      // Kafka Connect's parser makes a BigDecimal of every such number.
      const scale = fraction - Number(text.slice(signStart, at))
      if (scale !== (scale | 0))
        throw new SyntaxError(`the exponent of the number at offset ${start} is out of range`)
    }
    this.#at = at
    if (digits > maxNumberLength) tooLong(digits)
    const token = text.slice(start, at)
    // Digits and power of ten are exact as doubles, and one division rounds once.
    if (hasExponent || digits > 15) value = Number(token)
    else value = (first === 0x2d ? -value : value) / powersOfTen[fraction]!
    return this.#numbers.fraction(token, value)
  }

  #bigInteger(start: number, end: number, isNegative: boolean): unknown {
    let from = start
    while (from < end - 1 && this.#text.charCodeAt(from) === 0x30) from++
    if (end - from > maxNumberLength) tooLong(end - from)
    const digits = this.#text.slice(from, end)
    return this.#numbers.big(isNegative && digits !== '0' ? `-${digits}` : digits)
  }

  #word<T>(word: string, value: T): T {
    if (!this.#text.startsWith(word, this.#at)) this.#fail()
    this.#at += word.length
    if (/[\p{L}\p{N}_$]/uy.test(this.#text[this.#at] ?? '')) this.#fail()
    return value
  }

  /** A number of its own has to end in a blank: `1,2` is no number and rest. */
  #checkRootSpace(): void {
    const code = this.#text.charCodeAt(this.#at)
    if (!Number.isNaN(code) && code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) this.#fail()
  }

  /** The character after the blanks, NaN at the end. */
  #skipBlanks(): number {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return code
      this.#at++
    }
  }

  #tooDeep(): never {
    throw new SyntaxError(`more than ${maxDepth} levels of nesting at offset ${this.#at}`)
  }

  #fail(at = this.#at): never {
    const char = this.#text[at]
    throw new SyntaxError(
      `${char === undefined ? 'the end' : JSON.stringify(char)} is unexpected at offset ${at} of the JSON text`,
    )
  }
}

const powersOfTen = Array.from({ length: 16 }, (_, power) => 10 ** power)

function tooLong(digits: number): never {
  throw new SyntaxError(`a number of ${digits} digits is longer than the ${maxNumberLength} allowed`)
}
