/** A JSON document as it is written: numbers keep their text, members their order. */
export type JsonNode =
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'array'; readonly items: readonly JsonNode[] }
  | { readonly kind: 'object'; readonly members: ReadonlyMap<string, JsonNode> }

/** Throws SyntaxError for what is no JSON. MongoDB's has NaN and Infinity as well. */
export function readJson(text: string, flavour: 'strict' | 'mongodb' = 'strict'): JsonNode {
  const reader = new Reader(text, flavour === 'strict' ? number : mongoNumber)
  const node = reader.value()
  reader.end()
  return node
}

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const mongoNumber = new RegExp(`${number.source}|NaN|-?Infinity`, 'y')
const word = /true|false|null/y
const blanks = /[ \t\r\n]*/y

class Reader {
  readonly #text: string
  readonly #number: RegExp
  #at = 0

  constructor(text: string, number: RegExp) {
    this.#text = text
    this.#number = number
  }

  value(): JsonNode {
    this.#take(blanks)
    switch (this.#text[this.#at]) {
      case '{':
        return { kind: 'object', members: this.#members() }
      case '[':
        return { kind: 'array', items: this.#items() }
      case '"':
        return { kind: 'string', value: this.#string() }
      default:
        return this.#word() ?? { kind: 'number', text: this.#expect(this.#number) }
    }
  }

  end(): void {
    this.#take(blanks)
    if (this.#at < this.#text.length) throw this.#unexpected()
  }

  #members(): Map<string, JsonNode> {
    const members = new Map<string, JsonNode>()
    this.#list('}', () => {
      this.#take(blanks)
      const name = this.#string()
      this.#take(blanks)
      this.#expectChar(':')
      members.set(name, this.value())
    })
    return members
  }

  #items(): JsonNode[] {
    const items: JsonNode[] = []
    this.#list(']', () => items.push(this.value()))
    return items
  }

  #list(close: string, element: () => void): void {
    this.#at++
    this.#take(blanks)
    if (this.#text[this.#at] !== close) {
      element()
      this.#take(blanks)
      while (this.#text[this.#at] === ',') {
        this.#at++
        element()
        this.#take(blanks)
      }
    }
    this.#expectChar(close)
  }

  #string(): string {
    const start = this.#at
    this.#expectChar('"')
    while (this.#at < this.#text.length && this.#text[this.#at] !== '"') {
      this.#at += this.#text[this.#at] === '\\' ? 2 : 1
    }
    this.#expectChar('"')
    return JSON.parse(this.#text.slice(start, this.#at)) as string
  }

  #word(): JsonNode | null {
    const found = this.#take(word)
    if (found === null) return null
    return found === 'null' ? { kind: 'null' } : { kind: 'boolean', value: found === 'true' }
  }

  #expectChar(char: string): void {
    if (this.#text[this.#at] !== char) throw this.#unexpected()
    this.#at++
  }

  #expect(pattern: RegExp): string {
    const found = this.#take(pattern)
    if (found === null || found === '') throw this.#unexpected()
    return found
  }

  #take(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)
    if (found === null) return null
    this.#at += found[0].length
    return found[0]
  }

  #unexpected(): SyntaxError {
    const found = this.#text[this.#at] ?? 'the end'
    return new SyntaxError(`Unexpected ${found} at position ${this.#at} of the JSON text`)
  }
}
