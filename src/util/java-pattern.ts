/** A Java regular expression as JavaScript ones. */
export interface JavaPattern {
  /** Matches the whole text, as `Matcher.matches` does. */
  readonly full: RegExp
  /** Finds a match anywhere, as `Matcher.find` does. */
  readonly find: RegExp
}

/**
 * Translates a Java regular expression. The common ground of the two languages is taken as it is; a construct
 * that JavaScript lacks throws SyntaxError and names it, so that nothing silently means something else.
 */
export function javaPattern(source: string): JavaPattern {
  const { body, flags } = translate(source)
  return { full: new RegExp(`^(?:${body})$`, flags), find: new RegExp(body, flags) }
}

function translate(source: string): { body: string; flags: string } {
  let flags = 'u'
  let rest = source
  const inline = /^\(\?([imsx]+)\)/.exec(rest)
  if (inline) {
    if (inline[1]!.includes('x'))
      throw new SyntaxError(`the flag x of Java's regular expressions is not supported: ${source}`)
    flags += inline[1]
    rest = rest.slice(inline[0].length)
  }
  let body = ''
  let isInClass = false
  for (let i = 0; i < rest.length; i++) {
    const char = rest[i]!
    const two = rest.slice(i, i + 2)
    if (char === '\\') {
      const [text, length] = escape(rest, i, isInClass)
      body += text
      i += length - 1
    } else if (isInClass) {
      if (two === '&&' || char === '[') throw unsupported('nested character classes', source)
      if (char === ']') isInClass = false
      body += char
    } else if (char === '[') {
      isInClass = true
      const open = /^\[\^?\]?/.exec(rest.slice(i))![0]
      body += open.replace(']', '\\]')
      i += open.length - 1
    } else if (/^(?:[*+?]|\{\d+(?:,\d*)?\})\+/.test(rest.slice(i)))
      throw unsupported('possessive quantifiers', source)
    else if (rest.startsWith('(?>', i)) throw unsupported('atomic groups', source)
    else if (/^\(\?[a-z-]+[:)]/i.test(rest.slice(i))) throw unsupported('flags inside the expression', source)
    else if (char === ']' || char === '}' || (char === '{' && !/^\{\d+(?:,\d*)?\}/.test(rest.slice(i))))
      body += `\\${char}`
    else if (char === '{') {
      const quantifier = /^\{\d+(?:,\d*)?\}/.exec(rest.slice(i))![0]
      body += quantifier
      i += quantifier.length - 1
    } else body += char
  }
  return { body, flags: [...new Set(flags)].join('') }
}

/** One escape: its translation and how many characters it takes. */
function escape(source: string, at: number, isInClass: boolean): [text: string, length: number] {
  const next = source[at + 1]
  if (next === undefined) throw new SyntaxError(`the expression ends in a backslash: ${source}`)
  if (next === 'Q') {
    const end = source.indexOf('\\E', at)
    const quoted = source.slice(at + 2, end < 0 ? undefined : end)
    return [quoted.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'), quoted.length + (end < 0 ? 2 : 4)]
  }
  const whole = /^\\(?:u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[pP]\{\w+\}|k<\w+>|[1-9]|[dDsSwWbBtnrf])/.exec(
    source.slice(at),
  )?.[0]
  if (whole !== undefined) {
    if (isInClass && /^\\[bBk1-9]/.test(whole)) throw unsupported(`${whole} in a character class`, source)
    if (whole === '\\S' && isInClass) throw unsupported('\\S in a character class', source)
    if (whole === '\\S') return [`[^${classes['\\s']}]`, 2]
    const ascii = classes[whole]
    return [ascii === undefined ? whole : isInClass ? ascii : `[${ascii}]`, whole.length]
  }
  if (next === 'A' || next === 'z') return [next === 'A' ? '^' : '$', 2]
  if (next === 'h') return [isInClass ? ' \\t\\xA0' : '[ \\t\\xA0]', 2]
  if (/[a-zA-Z0-9]/.test(next)) throw unsupported(`\\${next}`, source)
  return [/[\\^$.*+?()[\]{}|/]/.test(next) || (isInClass && next === '-') ? `\\${next}` : next, 2]
}

/** Java's classes are ASCII where JavaScript's, or Unicode's of the same name, are not. */
const classes: Readonly<Record<string, string>> = {
  '\\p{Lower}': 'a-z',
  '\\p{Upper}': 'A-Z',
  '\\p{Alpha}': 'a-zA-Z',
  '\\p{Digit}': '0-9',
  '\\p{Alnum}': 'a-zA-Z0-9',
  '\\p{Punct}': '!-\\/:-@\\[-`\\{-~',
  '\\p{Space}': ' \\t\\n\\v\\f\\r',
  '\\s': ' \\t\\n\\v\\f\\r',
}

function unsupported(what: string, source: string): SyntaxError {
  return new SyntaxError(`${what} of Java's regular expressions are not supported: ${source}`)
}

/** A Java replacement text, `$1`, `${name}` and backslash escapes, as a function of the match. */
export function javaReplacement(text: string): (match: RegExpExecArray) => string {
  return (match) => {
    let result = ''
    for (let i = 0; i < text.length; i++) {
      const char = text[i]!
      if (char === '\\') {
        i++
        if (i === text.length) throw new SyntaxError('character to be escaped is missing')
        result += text[i]!
      } else if (char === '$') {
        const [value, length] = groupAt(text, i, match)
        result += value
        i += length - 1
      } else result += char
    }
    return result
  }
}

function groupAt(text: string, at: number, match: RegExpExecArray): [value: string, length: number] {
  const named = /^\$\{([a-zA-Z][a-zA-Z0-9]*)\}/.exec(text.slice(at))
  if (named) {
    if (!(named[1]! in (match.groups ?? {}))) throw new SyntaxError(`No group with name {${named[1]}}`)
    return [match.groups![named[1]!] ?? '', named[0].length]
  }
  const digits = /^\$(\d+)/.exec(text.slice(at))?.[1]
  if (digits === undefined) throw new SyntaxError('Illegal group reference')
  // Java takes further digits only while such a group exists.
  let length = 1
  while (length < digits.length && Number(digits.slice(0, length + 1)) < match.length) length++
  const group = Number(digits.slice(0, length))
  if (group >= match.length) throw new RangeError(`No group ${group}`)
  return [match[group] ?? '', length + 1]
}
