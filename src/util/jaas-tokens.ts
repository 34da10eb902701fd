export interface JaasToken {
  readonly text: string
  readonly isQuoted: boolean
}

/** Words, quoted texts with escapes, and the signs `= ; { }`, as Java reads JAAS. Throws for an open quote. */
export function jaasTokens(text: string): JaasToken[] {
  const tokens: JaasToken[] = []
  const pattern =
    /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|"((?:[^"\\]|\\[\s\S])*)"|'((?:[^'\\]|\\[\s\S])*)'|([=;{}])|([^\s=;{}"']+)/y
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text)
    if (match === null) throw new Error('a quote is not closed')
    const quoted = match[1] ?? match[2]
    if (quoted !== undefined) tokens.push({ text: unescape(quoted), isQuoted: true })
    else if (match[3] !== undefined || match[4] !== undefined) {
      tokens.push({ text: match[3] ?? match[4]!, isQuoted: false })
    }
  }
  return tokens
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  b: '\b',
  f: '\f',
  a: '\x07',
  v: '\v',
}

function unescape(text: string): string {
  return text.replace(/\\([0-7]{1,3}|[\s\S])/g, (_, escaped: string) =>
    /^[0-7]/.test(escaped) ? String.fromCharCode(parseInt(escaped, 8)) : (escapes[escaped] ?? escaped),
  )
}
