import { javaTrim } from '../../util/java-trim.ts'

const delimiters: ReadonlySet<string> = new Set([':', ',', '{', '}', '[', ']', '"'])

/** Cuts a text at its delimiters. A backslash takes a delimiter's meaning and stays in the text. */
export class Tokenizer {
  readonly text: string
  #at = 0
  /** A token that was looked at and not taken. */
  #peeked: string | null = null

  constructor(text: string) {
    this.text = text
  }

  get hasNext(): boolean {
    return this.#peeked !== null || this.#at < this.text.length
  }

  /** The place of the next token, for `rewindTo`. */
  get mark(): number {
    return this.#at - (this.#peeked?.length ?? 0)
  }

  rewindTo(mark: number): void {
    this.#at = mark
    this.#peeked = null
  }

  next(): string {
    const token = this.#peeked ?? this.#read()
    this.#peeked = null
    return token
  }

  /** The text of the next tokens, `count` at most. */
  nextOf(count: number): string {
    const start = this.mark
    for (let i = 0; i < count && this.hasNext; i++) this.next()
    return this.text.slice(start, this.#at)
  }

  /** Takes the next token if it is the one expected. Blanks around it do not matter, nor do blank tokens before it. */
  take(expected: string): boolean {
    if (!this.hasNext) return false
    let token = this.#peeked ?? this.#read()
    while (javaTrim(token) === '' && this.#at < this.text.length) token = this.#read()
    this.#peeked = javaTrim(token) === expected ? null : token
    return this.#peeked === null
  }

  #read(): string {
    const { text } = this
    const start = this.#at
    let isEscaped = false
    for (; this.#at < text.length; this.#at++) {
      const char = text[this.#at]!
      if (char === '\\') isEscaped = !isEscaped
      else {
        if (!isEscaped && delimiters.has(char)) {
          if (this.#at === start) this.#at++
          break
        }
        isEscaped = false
      }
    }
    return text.slice(start, this.#at)
  }
}
