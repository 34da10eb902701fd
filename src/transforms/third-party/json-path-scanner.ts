/** Reads the text of a JSONPath, piece by piece. */
export class Scanner {
  readonly #text: string
  #at = 0
  /** Whether a filter asks for something outside of its value, by a path that begins with `$`. */
  refersToRoot = false

  constructor(text: string) {
    this.#text = text
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length
  }

  peek(): string {
    return this.#text.charAt(this.#at)
  }

  blanks(): void {
    while (/\s/.test(this.peek())) this.#at++
  }

  take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false
    this.#at += text.length
    return true
  }

  /** A word that does not go on. */
  takeWord(word: string): boolean {
    const [found] = this.#match(/\w+/y) ?? []
    if (found === word) return true
    this.#at -= found?.length ?? 0
    return false
  }

  expect(text: string): void {
    if (!this.take(text)) throw this.error(`${text} is missing`)
  }

  /** A name behind a dot. */
  name(): string {
    const match = this.#match(/[^\s.[\]()'"=!<>&|,*?@~/]+/y)
    if (match === null) throw this.error('a name is missing')
    return match[0]
  }

  integer(): number | undefined {
    const match = this.#match(/-?\d+/y)
    return match === null ? undefined : Number(match[0])
  }

  /** A whole number as bigint, so that it is exact; every other as number. */
  number(): bigint | number | undefined {
    const match = this.#match(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y)
    if (match === null) return undefined
    return /^-?\d+$/.test(match[0]) ? BigInt(match[0]) : Number(match[0])
  }

  /** A text in single or double quotes, a backslash before what would end it. */
  quoted(): string {
    const quote = this.peek()
    const match = this.#match(quote === '"' ? /"((?:[^"\\]|\\.)*)"/sy : /'((?:[^'\\]|\\.)*)'/sy)
    if (match === null) throw this.error('a quote is missing')
    return match[1]!.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, code: string | undefined, char: string) =>
      code === undefined ? (escapes[char] ?? char) : String.fromCharCode(parseInt(code, 16)),
    )
  }

  /** `/body/flags` */
  regex(): { readonly body: string; readonly flags: string } {
    const match = this.#match(/\/((?:[^/\\]|\\.)*)\/(\w*)/sy)
    if (match === null) throw this.error('a pattern between slashes is missing')
    return { body: match[1]!.replaceAll('\\/', '/'), flags: match[2]! }
  }

  /** One or more, with commas between. */
  listOf<T>(read: () => T): T[] {
    const found: T[] = []
    do {
      this.blanks()
      found.push(read())
      this.blanks()
    } while (this.take(','))
    return found
  }

  error(problem: string): SyntaxError {
    return new SyntaxError(`${problem} at character ${this.#at + 1} of ${this.#text}`)
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#text)
    if (match !== null) this.#at += match[0].length
    return match
  }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f' }
