import { propertyClass, shorthandClass } from './classes.ts'
import { badPattern, unsupported, type CharSet, type Flags, type Node } from './syntax.ts'

export interface ParsedPattern {
  readonly node: Node
  readonly groupCount: number
}

const noFlags: Flags = {
  ignoreCase: false,
  unicodeCase: false,
  unicodeClasses: false,
  multiline: false,
  dotAll: false,
  comments: false,
  unixLines: false,
}

const flagLetters: Readonly<Record<string, keyof Flags | undefined>> = {
  i: 'ignoreCase',
  u: 'unicodeCase',
  U: 'unicodeClasses',
  m: 'multiline',
  s: 'dotAll',
  x: 'comments',
  d: 'unixLines',
}

/** Takes a Java regular expression apart. Throws SyntaxError with Java's message where Java would, too. */
export function parsePattern(source: string): ParsedPattern {
  const parser = new PatternParser(source)
  return { node: parser.whole(), groupCount: parser.groupCount }
}

class PatternParser {
  readonly #source: string
  readonly #names = new Map<string, number>()
  /** Groups whose closing parenthesis has been read. */
  readonly #closed = new Set<number>()
  groupCount = 0
  #at = 0
  #flags = noFlags

  constructor(source: string) {
    this.#source = source
  }

  whole(): Node {
    const node = this.#choice()
    if (this.#at < this.#source.length) {
      throw new SyntaxError(
        `Unmatched closing ')'${this.#at === 0 ? '' : ` near index ${this.#at - 1}`}\n${this.#source}`,
      )
    }
    return node
  }

  #choice(): Node {
    const before = this.#flags
    const options = [this.#sequence()]
    while (this.#take('|')) options.push(this.#sequence())
    this.#flags = before
    return options.length === 1 ? options[0]! : { kind: 'choice', options }
  }

  #sequence(): Node {
    const parts: Node[] = []
    for (;;) {
      this.#skipComments()
      const char = this.#source[this.#at]
      if (char === undefined || char === '|' || char === ')') break
      const atom = this.#atom()
      if (atom !== null) parts.push(...atom.slice(0, -1), this.#quantified(atom[atom.length - 1]!))
    }
    return parts.length === 1 ? parts[0]! : { kind: 'sequence', parts }
  }

  #skipComments(): void {
    if (!this.#flags.comments) return
    const found = /^(?:[ \t\n\v\f\r]|#[^\n\r\u0085\u2028\u2029]*)+/.exec(this.#source.slice(this.#at))
    if (found) this.#at += found[0].length
  }

  /** The next piece; several for a quotation, null where flags change. */
  #atom(): readonly Node[] | null {
    const source = this.#source
    const flags = this.#flags
    const char = String.fromCodePoint(source.codePointAt(this.#at)!)
    switch (char) {
      case '(':
        return this.#group()
      case '[':
        this.#at++
        return [{ kind: 'set', set: this.#class(), flags }]
      case '\\':
        return this.#escape()
      case '.':
        this.#at++
        return [{ kind: 'dot', flags }]
      case '^':
        this.#at++
        return [{ kind: 'start', flags }]
      case '$':
        this.#at++
        return [{ kind: 'end', flags }]
      case '*':
      case '+':
      case '?':
        throw badPattern(`Dangling meta character '${char}'`, source, this.#at)
      case '{':
        throw badPattern('Illegal repetition', source, this.#at + 1)
      default:
        this.#at += char.length
        return [{ kind: 'char', code: char.codePointAt(0)!, flags }]
    }
  }

  #quantified(body: Node): Node {
    let node = body
    this.#skipComments()
    const found = /^(?:[*+?]|\{(\d+)(,?)(\d*)\})/.exec(this.#source.slice(this.#at))
    if (!found) {
      if (this.#source[this.#at] === '{') throw badPattern('Illegal repetition', this.#source, this.#at + 1)
      return node
    }
    const [text, from, comma, to] = found
    this.#at += text.length
    const min = from === undefined ? (text === '+' ? 1 : 0) : Number(from)
    const max =
      from === undefined
        ? text === '?'
          ? 1
          : Infinity
        : comma === ''
          ? min
          : to === ''
            ? Infinity
            : Number(to)
    if (max < min) throw badPattern('Illegal repetition range', this.#source, this.#at - 1)
    const mode = this.#take('+') ? 'possessive' : this.#take('?') ? 'lazy' : 'greedy'
    node = { kind: 'repeat', body, min, max, mode }
    return node
  }

  #group(): readonly Node[] | null {
    const source = this.#source
    const before = this.#flags
    const open = this.#at
    this.#at++
    if (!this.#take('?')) return [this.#capture(null)]
    if (this.#take(':')) return [this.#closing(this.#choice())]
    if (this.#take('>')) return [{ kind: 'atomic', body: this.#closing(this.#choice()) }]
    for (const [mark, behind, negative] of looks) {
      if (source.startsWith(mark, this.#at)) {
        this.#at += mark.length
        return [{ kind: 'look', behind, negative, body: this.#closing(this.#choice()) }]
      }
    }
    if (this.#take('<')) return [this.#capture(this.#groupName())]
    this.#readFlags(open)
    if (this.#take(')')) return null
    this.#at++
    const body = this.#closing(this.#choice())
    this.#flags = before
    return [body]
  }

  #capture(name: string | null): Node {
    const number = ++this.groupCount
    if (name !== null) this.#names.set(name, number)
    const body = this.#closing(this.#choice())
    this.#closed.add(number)
    return { kind: 'group', number, name, body }
  }

  #closing(body: Node): Node {
    if (!this.#take(')')) throw badPattern('Unclosed group', this.#source, this.#source.length)
    return body
  }

  #groupName(): string {
    const found = /^[a-zA-Z][a-zA-Z0-9]*/.exec(this.#source.slice(this.#at))
    if (!found)
      throw badPattern('capturing group name does not start with a Latin letter', this.#source, this.#at)
    this.#at += found[0].length
    if (!this.#take('>')) {
      throw badPattern("named capturing group is missing trailing '>'", this.#source, this.#at)
    }
    if (this.#names.has(found[0])) {
      throw badPattern(`Named capturing group <${found[0]}> is already defined`, this.#source, this.#at - 1)
    }
    return found[0]
  }

  #readFlags(open: number): void {
    let isOn = true
    for (; ; this.#at++) {
      const char = this.#source[this.#at]
      if (char === undefined) throw badPattern('Unknown inline modifier', this.#source, this.#at)
      if (char === ')' || char === ':') return
      if (char === '-' && isOn) isOn = false
      else {
        const flag = flagLetters[char]
        if (flag === undefined)
          throw badPattern('Unknown inline modifier', this.#source, Math.max(this.#at, open + 2))
        this.#flags = { ...this.#flags, [flag]: isOn }
        if (flag === 'unicodeClasses' && isOn) this.#flags = { ...this.#flags, unicodeCase: true }
      }
    }
  }

  #escape(): readonly Node[] {
    const source = this.#source
    const flags = this.#flags
    const next = source[this.#at + 1]
    if (next === undefined) throw badPattern('Unexpected internal error', source, source.length)
    const named = simpleNodes[next]
    if (named !== undefined) {
      this.#at += 2
      return [named]
    }
    switch (next) {
      case 'Q':
        return this.#quotation()
      case 'b':
      case 'B':
        this.#at += 2
        if (source.startsWith('{g}', this.#at)) throw unsupported('grapheme boundaries', source)
        return [{ kind: next === 'b' ? 'boundary' : 'notBoundary', flags }]
      case 'G':
        throw unsupported('anchors at the last match (\\G)', source)
      case 'k': {
        const found = /^\\k<([a-zA-Z][a-zA-Z0-9]*)>/.exec(source.slice(this.#at))
        if (!found)
          throw badPattern("\\k is not followed by '<' for named capturing group", source, this.#at + 2)
        const group = this.#names.get(found[1]!)
        if (group === undefined) {
          throw badPattern(
            `named capturing group <${found[1]}> does not exist`,
            source,
            this.#at + found[0].length - 1,
          )
        }
        this.#at += found[0].length
        return [this.#backreference(group)]
      }
      default:
    }
    if (/[1-9]/.test(next)) return [this.#numberedReference()]
    const set = this.#classEscape()
    if (set !== undefined) return [{ kind: 'set', set, flags }]
    return [{ kind: 'char', code: this.#charEscape(), flags }]
  }

  #quotation(): readonly Node[] {
    const start = this.#at + 2
    const end = this.#source.indexOf('\\E', start)
    const text = this.#source.slice(start, end < 0 ? undefined : end)
    this.#at = end < 0 ? this.#source.length : end + 2
    const flags = this.#flags
    const chars = [...text].map((char): Node => ({ kind: 'char', code: char.codePointAt(0)!, flags }))
    return chars.length === 0 ? [{ kind: 'sequence', parts: [] }] : chars
  }

  /** Further digits count only while there are so many groups. */
  #numberedReference(): Node {
    this.#at++
    let group = Number(this.#source[this.#at++])
    for (;;) {
      const digit = this.#source[this.#at]
      if (digit === undefined || !/[0-9]/.test(digit) || group * 10 + Number(digit) > this.groupCount) break
      group = group * 10 + Number(digit)
      this.#at++
    }
    return this.#backreference(group)
  }

  #backreference(group: number): Node {
    // A group that has not matched yet fails in Java, where JavaScript would go on.
    if (!this.#closed.has(group)) return { kind: 'set', set: { kind: 'union', sets: [] }, flags: this.#flags }
    return { kind: 'backreference', group, flags: this.#flags }
  }

  /** A class behind a backslash, or undefined; inside and outside of brackets. */
  #classEscape(): CharSet | undefined {
    const source = this.#source
    const next = source[this.#at + 1]!
    const shorthand = shorthandClass(next, this.#flags)
    if (shorthand !== undefined) {
      this.#at += 2
      return shorthand
    }
    if (next !== 'p' && next !== 'P') return undefined
    const found = /^\\[pP](?:\{([^}]*)\}|(.))/su.exec(source.slice(this.#at))
    if (!found) throw badPattern('Unclosed character family', source, source.length)
    this.#at += found[0].length
    const name = found[1] ?? found[2]!
    const set = propertyClass(name, this.#flags)
    if (set === undefined) throw badPattern(`Unknown character property name {${name}}`, source, this.#at - 1)
    return next === 'P' ? { kind: 'not', set } : set
  }

  /** One character behind a backslash. */
  #charEscape(): number {
    const source = this.#source
    const rest = source.slice(this.#at)
    const start = this.#at
    const take = (pattern: RegExp, radix: number): number | undefined => {
      const found = pattern.exec(rest)
      if (!found) return undefined
      this.#at += found[0].length
      return Number.parseInt(
        found.slice(1).find((group) => group !== undefined)!,
        radix,
      )
    }
    switch (rest[1]) {
      case '0': {
        const code = take(/^\\0(?:([0-3][0-7]{2})|([0-7]{1,2}))/, 8)
        if (code === undefined) throw badPattern('Illegal octal escape sequence', source, this.#at + 2)
        return code
      }
      case 'x': {
        const code = take(/^\\x(?:([0-9a-fA-F]{2})|\{([0-9a-fA-F]+)\})/, 16)
        if (code === undefined || code > 0x10ffff) {
          throw badPattern('Illegal hexadecimal escape sequence', source, start + 2)
        }
        return code
      }
      case 'u': {
        const code = take(/^\\u([0-9a-fA-F]{4})/, 16)
        if (code === undefined) throw badPattern('Illegal Unicode escape sequence', source, start + 2)
        const low =
          code >= 0xd800 && code < 0xdc00
            ? /^\\u([dD][c-fC-F][0-9a-fA-F]{2})/.exec(source.slice(this.#at))
            : null
        if (!low) return code
        this.#at += 6
        return 0x10000 + ((code - 0xd800) << 10) + Number.parseInt(low[1]!, 16) - 0xdc00
      }
      case 'c': {
        if (rest[2] === undefined) throw badPattern('Illegal control escape sequence', source, source.length)
        this.#at += 3
        return rest.charCodeAt(2) ^ 64
      }
      case 'N':
        throw unsupported('character names (\\N)', source)
      default:
    }
    const control = controls[rest[1]!]
    if (control === undefined && /[a-zA-Z0-9]/.test(rest[1]!)) {
      throw badPattern('Illegal/unsupported escape sequence', source, this.#at + 1)
    }
    const code = control ?? rest.codePointAt(1)!
    this.#at += control === undefined ? 1 + String.fromCodePoint(code).length : 2
    return code
  }

  /** A class in brackets, from behind the opening one on. */
  #class(): CharSet {
    const open = this.#at - 1
    const isNegative = this.#take('^')
    let sets: CharSet[] = []
    const operands: CharSet[] = []
    let isFirst = true
    for (;;) {
      this.#skipComments()
      const char = this.#source[this.#at]
      if (char === undefined)
        throw badPattern('Unclosed character class', this.#source, this.#source.length - 1)
      if (char === ']' && (!isFirst || operands.length > 0)) {
        this.#at++
        break
      }
      if (char === '[') {
        this.#at++
        sets.push(this.#class())
      } else if (this.#source.startsWith('&&', this.#at)) {
        while (this.#take('&')) continue
        operands.push({ kind: 'union', sets })
        sets = []
      } else sets.push(this.#classItem(open))
      isFirst = false
    }
    // Java ignores an operand without characters.
    if (sets.length > 0) operands.push({ kind: 'union', sets })
    const set: CharSet = operands.length === 1 ? operands[0]! : { kind: 'intersection', sets: operands }
    return isNegative ? { kind: 'not', set } : set
  }

  #classItem(open: number): CharSet {
    const source = this.#source
    if (source.startsWith('\\Q', this.#at)) {
      const chars = this.#quotation().flatMap((node) => (node.kind === 'char' ? [node.code] : []))
      return { kind: 'union', sets: chars.map((code) => ({ kind: 'range', from: code, to: code })) }
    }
    if (source[this.#at] === '\\') {
      const set = this.#classEscape()
      if (set !== undefined) return set
    }
    const from = this.#classChar(open)
    const isRange =
      source[this.#at] === '-' &&
      !/^-(?:\]|\[|$)/.test(source.slice(this.#at)) &&
      !source.startsWith('-&&', this.#at)
    if (!isRange) return { kind: 'range', from, to: from }
    this.#at++
    const to = this.#classChar(open)
    if (to < from) throw badPattern('Illegal character range', source, this.#at - 1)
    return { kind: 'range', from, to }
  }

  #classChar(open: number): number {
    const code = this.#source.codePointAt(this.#at)
    if (code === undefined) throw badPattern('Unclosed character class', this.#source, open)
    if (code === 0x5c) return this.#charEscape()
    this.#at += code > 0xffff ? 2 : 1
    return code
  }

  #take(char: string): boolean {
    if (this.#source[this.#at] !== char) return false
    this.#at++
    return true
  }
}

const looks = [
  ['=', false, false],
  ['!', false, true],
  ['<=', true, false],
  ['<!', true, true],
] as const

const simpleNodes: Readonly<Record<string, Node | undefined>> = {
  A: { kind: 'inputStart' },
  z: { kind: 'inputEnd' },
  Z: { kind: 'lastLineEnd' },
  R: { kind: 'lineBreak' },
  X: { kind: 'grapheme' },
}

const controls: Readonly<Record<string, number | undefined>> = { t: 9, n: 10, r: 13, f: 12, a: 7, e: 27 }
