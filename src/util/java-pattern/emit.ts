import { unsupported, type CharSet, type Flags, type Node } from './syntax.ts'

/**
 * The JavaScript source, for the flag v, of a Java regular expression. Java's groups keep their order among others that
 * are needed here: `groups` says which capture of the match is which group.
 */
export function emitPattern(
  node: Node,
  source: string,
): { body: string; groups: readonly number[]; names: ReadonlyMap<string, number> } {
  const emitter = new Emitter(source)
  const body = emitter.emit(node)
  return { body, groups: emitter.groups, names: emitter.names }
}

const lineEnd = '(?:\\r\\n|[\\n\\r\\u0085\\u2028\\u2029])'
const anything = '[\\s\\S]'

class Emitter {
  readonly #source: string
  #captures = 0
  /** By Java's number, the capture that holds the group. */
  readonly groups: number[] = [0]
  readonly names = new Map<string, number>()
  /** Groups that a match may go without. */
  readonly #optional = new Set<number>()
  #depthOfOptional = 0

  constructor(source: string) {
    this.#source = source
  }

  emit(node: Node): string {
    switch (node.kind) {
      case 'char':
        return charSource(node.code, node.flags)
      case 'set':
        return `[${setSource(node.set, node.flags)}]`
      case 'dot':
        if (node.flags.dotAll) return anything
        return node.flags.unixLines ? '[^\\n]' : '[^\\n\\r\\u0085\\u2028\\u2029]'
      case 'start':
        return node.flags.multiline ? multilineStart(node.flags) : `(?<!${anything})`
      case 'end':
        return endSource(node.flags)
      case 'boundary':
      case 'notBoundary':
        return boundarySource(node.kind === 'notBoundary', node.flags)
      case 'inputStart':
        return `(?<!${anything})`
      case 'inputEnd':
        return `(?!${anything})`
      case 'lastLineEnd':
        return `(?=${lineEnd}?(?!${anything}))`
      case 'lineBreak':
        return '(?:\\r\\n|[\\n\\v\\f\\r\\u0085\\u2028\\u2029])'
      case 'grapheme':
        return '(?:\\r\\n|\\p{RGI_Emoji}|\\P{M}\\p{M}*|\\p{M}+)'
      case 'backreference':
        return this.#backreference(node)
      case 'sequence':
        return node.parts.map((part) => this.emit(part)).join('')
      case 'choice':
        return `(?:${node.options.map((option) => this.#maybe(option)).join('|')})`
      case 'group':
        return this.#group(node)
      case 'atomic':
        return this.#atomic(() => this.emit(node.body))
      case 'look':
        return `(?${node.behind ? '<' : ''}${node.negative ? '!' : '='}${node.negative ? this.#maybe(node.body) : this.emit(node.body)})`
      case 'repeat':
        return this.#repeat(node)
    }
  }

  /** What a match may go without. */
  #maybe(node: Node): string {
    this.#depthOfOptional++
    const text = this.emit(node)
    this.#depthOfOptional--
    return text
  }

  #group({ number, name, body }: Node & { kind: 'group' }): string {
    this.groups[number] = ++this.#captures
    if (name !== null) this.names.set(name, number)
    if (this.#depthOfOptional > 0) this.#optional.add(number)
    return `(${this.emit(body)})`
  }

  #backreference({ group, flags }: Node & { kind: 'backreference' }): string {
    if (this.#optional.has(group) && this.#depthOfOptional === 0) {
      throw unsupported('references to a group that may not have matched', this.#source)
    }
    if (flags.ignoreCase) throw unsupported('references to a group without regard to case', this.#source)
    return `(?:\\${this.groups[group]})`
  }

  /** What a look-ahead has matched is not tried again in another way. */
  #atomic(body: () => string): string {
    const capture = ++this.#captures
    return `(?:(?=(${body()}))\\${capture})`
  }

  #repeat(node: Node & { kind: 'repeat' }): string {
    const { body, min, max, mode } = node
    if (mode === 'possessive') return this.#atomic(() => this.#repeat({ ...node, mode: 'greedy' }))
    // Java goes round once more with nothing, and remembers that; JavaScript does not.
    if (
      max === Infinity &&
      body.kind === 'group' &&
      mode === 'greedy' &&
      isEmptyable(body.body) &&
      !hasGroups(body.body)
    ) {
      const inner = this.emit(body.body)
      return `(?:(?:${inner})*${this.#group(body)})`
    }
    const inner = min === 0 ? this.#maybe(body) : this.emit(body)
    return `(?:${inner})${quantifier(min, max)}${mode === 'lazy' ? '?' : ''}`
  }
}

function quantifier(min: number, max: number): string {
  if (max === Infinity) return min === 0 ? '*' : min === 1 ? '+' : `{${min},}`
  return min === 0 && max === 1 ? '?' : `{${min},${max}}`
}

function isEmptyable(node: Node): boolean {
  switch (node.kind) {
    case 'char':
    case 'set':
    case 'dot':
    case 'lineBreak':
    case 'grapheme':
      return false
    case 'sequence':
      return node.parts.every(isEmptyable)
    case 'choice':
      return node.options.some(isEmptyable)
    case 'group':
    case 'atomic':
      return isEmptyable(node.body)
    case 'repeat':
      return node.min === 0 || isEmptyable(node.body)
    default:
      return true
  }
}

function hasGroups(node: Node): boolean {
  switch (node.kind) {
    case 'group':
    case 'backreference':
      return true
    case 'sequence':
      return node.parts.some(hasGroups)
    case 'choice':
      return node.options.some(hasGroups)
    case 'atomic':
    case 'look':
    case 'repeat':
      return hasGroups(node.body)
    default:
      return false
  }
}

function multilineStart({ unixLines }: Flags): string {
  if (unixLines) return `(?:(?<!${anything})|(?<=\\n)(?=${anything}))`
  return `(?:(?<!${anything})|(?<=[\\n\\u0085\\u2028\\u2029]|\\r(?!\\n))(?=${anything}))`
}

function endSource({ multiline, unixLines }: Flags): string {
  const end = unixLines ? '\\n' : lineEnd
  // Between the two characters of one line end there is no end.
  const outside = unixLines ? '' : '(?!(?<=\\r)\\n)'
  return multiline ? `(?:${outside}(?=${end}|(?!${anything})))` : `(?:${outside}(?=${end}?(?!${anything})))`
}

function boundarySource(isNegative: boolean, { unicodeClasses }: Flags): string {
  const word = unicodeClasses ? '[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}]' : '[\\p{L}\\p{Nd}_]'
  return isNegative
    ? `(?:(?<=${word})(?=${word})|(?<!${word})(?!${word}))`
    : `(?:(?<=${word})(?!${word})|(?<!${word})(?=${word}))`
}

function charSource(code: number, flags: Flags): string {
  const all = caseForms(code, flags)
  return all.length === 1 ? codeSource(code) : `[${all.map(codeSource).join('')}]`
}

/** The character and, where case does not matter, its other forms: ASCII letters only unless Unicode was asked for. */
function caseForms(code: number, { ignoreCase, unicodeCase }: Flags): readonly number[] {
  if (!ignoreCase) return [code]
  const char = String.fromCodePoint(code)
  if (code > 0x7f && !unicodeCase) return [code]
  const forms = [char, char.toLowerCase(), char.toUpperCase(), char.toUpperCase().toLowerCase()]
  return [...new Set(forms.filter((form) => [...form].length === 1).map((form) => form.codePointAt(0)!))]
}

function codeSource(code: number): string {
  return `\\u{${code.toString(16)}}`
}

/** The inside of a class in brackets. */
function setSource(set: CharSet, flags: Flags): string {
  switch (set.kind) {
    case 'range':
      return rangeSource(set.from, set.to, flags)
    case 'source':
      return `[${set.source}]`
    case 'not':
      return `[^${setSource(set.set, flags)}]`
    case 'union':
      return set.sets
        .map((part) =>
          part.kind === 'intersection' ? `[${setSource(part, flags)}]` : setSource(part, flags),
        )
        .join('')
    case 'intersection':
      return set.sets.map((part) => `[${setSource(part, flags)}]`).join('&&')
  }
}

function rangeSource(from: number, to: number, flags: Flags): string {
  let text = from === to ? codeSource(from) : `${codeSource(from)}-${codeSource(to)}`
  if (!flags.ignoreCase) return text
  const end = flags.unicodeCase ? Math.min(to, from + 0x1000) : Math.min(to, 0x7f)
  for (let code = from; code <= end; code++) {
    for (const form of caseForms(code, flags)) if (form < from || form > to) text += codeSource(form)
  }
  return text
}
