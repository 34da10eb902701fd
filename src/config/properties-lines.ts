/** A logical line: comments and blank lines left out, continuation lines joined, escapes still in it. */
export interface LogicalLine {
  readonly text: string
  readonly line: number
  readonly column: number
}

export function isBlank(char: string): boolean {
  return char === ' ' || char === '\t' || char === '\f'
}

/**
 * Cuts a properties text into logical lines, step for step like java.util.Properties.LineReader, whose
 * treatment of continued blank lines, comments and the end of the text cannot be put more simply.
 */
export class LineReader {
  readonly #text: string
  #at = 0
  /** Physical line of `#at`, and where that line begins. */
  #line = 1
  #lineStart = 0

  constructor(text: string) {
    this.#text = text
  }

  next(): LogicalLine | null {
    const text = this.#text
    const pieces: string[] = []
    let isEmpty = true
    let pieceStart = -1
    let start = { line: this.#line, column: 1 }
    let skipBlanks = true
    let isContinued = false
    let isEscaped = false
    const joined = (end: number) => pieces.join('') + (pieceStart < 0 ? '' : text.slice(pieceStart, end))

    while (this.#at < text.length) {
      const at = this.#at++
      const char = text[at]!
      const isLineEnd = char === '\n' || char === '\r'
      if (isLineEnd) this.#countLine(char)

      if (skipBlanks) {
        if (isBlank(char) || (isLineEnd && !isContinued)) continue
        skipBlanks = false
        isContinued = false
      }
      if (isEmpty && (char === '#' || char === '!')) {
        this.#skipComment()
        skipBlanks = true
        continue
      }
      if (!isLineEnd) {
        if (isEmpty) start = { line: this.#line, column: at - this.#lineStart + 1 }
        if (pieceStart < 0) pieceStart = at
        isEmpty = false
        isEscaped = char === '\\' && !isEscaped
      } else if (isEmpty) {
        skipBlanks = true
      } else if (!isEscaped) {
        return { text: joined(at), ...start }
      } else {
        if (pieceStart < at - 1) pieces.push(text.slice(pieceStart, at - 1))
        pieceStart = -1
        // An empty line, where a line end of two characters in this place would make none.
        if (this.#at >= text.length) return { text: joined(at), ...start }
        if (char === '\r' && text[this.#at] === '\n') {
          this.#at++
          this.#countLine('\n')
        }
        isEmpty = pieces.length === 0
        skipBlanks = true
        isContinued = true
        isEscaped = false
      }
    }
    if (isEmpty) return null
    return { text: joined(isEscaped ? text.length - 1 : text.length), ...start }
  }

  #countLine(char: string): void {
    // CR LF is one line end: it is counted at its LF.
    if (char === '\r' && this.#text[this.#at] === '\n') return
    this.#line++
    this.#lineStart = this.#at
  }

  #skipComment(): void {
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at++]!
      if (char === '\n' || char === '\r') {
        this.#countLine(char)
        return
      }
    }
  }
}
