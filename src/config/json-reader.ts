/** How to read: what numbers become, and who hears where members stand. */
export interface JsonReadOptions {
  /** Gets the token as written, so that `1.0`, `1` and 9007199254740993 stay apart. */
  number?: (token: string) => unknown
  /** Called for every member of an object; `depth` is 1 in the outermost one. */
  member?: (key: string, offset: number, depth: number) => void
}

/**
 * Reads JSON that is more than JSON.parse tells: exact numbers, duplicate members, places. Accepts and refuses the
 * same texts, with SyntaxError, except that it refuses nesting deeper than 500.
 */
export function readJson(text: string, options: JsonReadOptions = {}): unknown {
  return new JsonReader(text, options).document()
}

/** Integers as number while safe and bigint beyond; everything else as number. */
export function exactNumber(token: string): number | bigint {
  const number = Number(token)
  return Number.isSafeInteger(number) || !/^-?\d+$/.test(token) ? number : BigInt(token)
}

const maxDepth = 500
const numberToken = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const blanks = /[ \t\n\r]*/y
const words: readonly [string, unknown][] = [
  ['true', true],
  ['false', false],
  ['null', null],
]

class JsonReader {
  readonly #text: string
  readonly #number: (token: string) => unknown
  readonly #member: JsonReadOptions['member']
  #at = 0

  constructor(text: string, { number = Number, member }: JsonReadOptions) {
    this.#text = text
    this.#number = number
    this.#member = member
  }

  document(): unknown {
    const value = this.#value(1)
    this.#skipBlanks()
    if (this.#at < this.#text.length) this.#fail()
    return value
  }

  #value(depth: number): unknown {
    this.#skipBlanks()
    const char = this.#text[this.#at]
    if (depth > maxDepth) this.#fail('nested too deep')
    if (char === '{') return this.#object(depth)
    if (char === '[') return this.#array(depth)
    if (char === '"') return this.#string()
    for (const [word, value] of words) {
      if (char === word[0] && this.#text.startsWith(word, this.#at)) {
        this.#at += word.length
        return value
      }
    }
    numberToken.lastIndex = this.#at
    const token = numberToken.exec(this.#text)?.[0] ?? this.#fail()
    this.#at += token.length
    return this.#number(token)
  }

  #object(depth: number): Record<string, unknown> {
    const object: Record<string, unknown> = {}
    this.#sequence('}', () => {
      this.#skipBlanks()
      const offset = this.#at
      const key = this.#text[offset] === '"' ? this.#string() : this.#fail()
      this.#skipBlanks()
      if (this.#text[this.#at++] !== ':') this.#fail()
      this.#member?.(key, offset, depth)
      const value = this.#value(depth + 1)
      // An assignment to __proto__ would set the prototype.
      if (key !== '__proto__') object[key] = value
      else Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true })
    })
    return object
  }

  #array(depth: number): unknown[] {
    const array: unknown[] = []
    this.#sequence(']', () => array.push(this.#value(depth + 1)))
    return array
  }

  #sequence(end: string, item: () => void): void {
    this.#at++
    this.#skipBlanks()
    if (this.#text[this.#at] === end) {
      this.#at++
      return
    }
    for (;;) {
      item()
      this.#skipBlanks()
      const char = this.#text[this.#at++]
      if (char === end) return
      if (char !== ',') this.#fail()
    }
  }

  #string(): string {
    const start = this.#at
    let isPlain = true
    for (let at = start + 1; at < this.#text.length; at++) {
      const code = this.#text.charCodeAt(at)
      if (code === 0x22) {
        this.#at = at + 1
        return isPlain
          ? this.#text.slice(start + 1, at)
          : (JSON.parse(this.#text.slice(start, at + 1)) as string)
      }
      if (code < 0x20) break
      if (code === 0x5c) {
        isPlain = false
        at++
      }
    }
    return this.#fail('a string that does not end')
  }

  #skipBlanks(): void {
    blanks.lastIndex = this.#at
    blanks.test(this.#text)
    this.#at = blanks.lastIndex
  }

  #fail(what?: string): never {
    const found = what ?? (this.#text[this.#at] === undefined ? 'the end' : `'${this.#text[this.#at]}'`)
    throw new SyntaxError(`${found} at offset ${this.#at} is no JSON`)
  }
}
