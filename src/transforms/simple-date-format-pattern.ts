/** A piece of a SimpleDateFormat pattern: text that stands for itself, or a run of one letter. */
export type PatternPart =
  { readonly literal: string } | { readonly letter: PatternLetter; readonly count: number }

const letters = 'GyYMLdDFEuaHkKhmsSwWzZX'

export type PatternLetter =
  | 'G'
  | 'y'
  | 'Y'
  | 'M'
  | 'L'
  | 'd'
  | 'D'
  | 'F'
  | 'E'
  | 'u'
  | 'a'
  | 'H'
  | 'k'
  | 'K'
  | 'h'
  | 'm'
  | 's'
  | 'S'
  | 'w'
  | 'W'
  | 'z'
  | 'Z'
  | 'X'

/** Takes a pattern of java.text.SimpleDateFormat apart. Throws SyntaxError with Java's message. */
export function parsePattern(pattern: string): PatternPart[] {
  const parts: PatternPart[] = []
  let literal = ''
  const endLiteral = () => {
    if (literal !== '') parts.push({ literal })
    literal = ''
  }
  for (let at = 0; at < pattern.length;) {
    const char = pattern[at]!
    if (char === "'") {
      const { text, end } = quoted(pattern, at)
      literal += text
      at = end
    } else if (/[a-zA-Z]/.test(char)) {
      if (!letters.includes(char)) throw new SyntaxError(`Illegal pattern character '${char}'`)
      let end = at + 1
      while (pattern[end] === char) end++
      const count = end - at
      if (char === 'X' && count > 3) throw new SyntaxError(`invalid ISO 8601 format: length=${count}`)
      endLiteral()
      parts.push({ letter: char as PatternLetter, count })
      at = end
    } else {
      literal += char
      at++
    }
  }
  endLiteral()
  return parts
}

/** Two quotes stand for one, within quoted text and outside of it. */
function quoted(pattern: string, start: number): { text: string; end: number } {
  if (pattern[start + 1] === "'") return { text: "'", end: start + 2 }
  let text = ''
  for (let at = start + 1; at < pattern.length; at++) {
    if (pattern[at] !== "'") text += pattern[at]!
    else if (pattern[at + 1] === "'") {
      text += "'"
      at++
    } else return { text, end: at + 1 }
  }
  throw new SyntaxError('Unterminated quote')
}
