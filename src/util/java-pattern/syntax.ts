/** A Java regular expression, taken apart. Flags are resolved: every node carries those that it depends on. */
export type Node =
  | { readonly kind: 'char'; readonly code: number; readonly flags: Flags }
  | { readonly kind: 'set'; readonly set: CharSet; readonly flags: Flags }
  | { readonly kind: 'dot' | 'start' | 'end' | 'boundary' | 'notBoundary'; readonly flags: Flags }
  | { readonly kind: 'inputStart' | 'inputEnd' | 'lastLineEnd' | 'lineBreak' | 'grapheme' }
  | { readonly kind: 'backreference'; readonly group: number; readonly flags: Flags }
  | { readonly kind: 'sequence'; readonly parts: readonly Node[] }
  | { readonly kind: 'choice'; readonly options: readonly Node[] }
  | { readonly kind: 'group'; readonly number: number; readonly name: string | null; readonly body: Node }
  | { readonly kind: 'atomic'; readonly body: Node }
  | { readonly kind: 'look'; readonly behind: boolean; readonly negative: boolean; readonly body: Node }
  | {
      readonly kind: 'repeat'
      readonly body: Node
      readonly min: number
      readonly max: number
      readonly mode: 'greedy' | 'lazy' | 'possessive'
    }

export interface Flags {
  readonly ignoreCase: boolean
  readonly unicodeCase: boolean
  readonly unicodeClasses: boolean
  readonly multiline: boolean
  readonly dotAll: boolean
  readonly comments: boolean
  readonly unixLines: boolean
}

/** A set of characters. `source` is one for JavaScript's flag v, without brackets. */
export type CharSet =
  | { readonly kind: 'range'; readonly from: number; readonly to: number }
  | { readonly kind: 'source'; readonly source: string }
  | { readonly kind: 'union'; readonly sets: readonly CharSet[] }
  | { readonly kind: 'intersection'; readonly sets: readonly CharSet[] }
  | { readonly kind: 'not'; readonly set: CharSet }

/** As Java's PatternSyntaxException puts it: what, where, the expression and a mark. */
export function badPattern(what: string, source: string, at: number): SyntaxError {
  const mark = at < source.length ? `\n${' '.repeat(at)}^` : ''
  return new SyntaxError(`${what} near index ${at}\n${source}${mark}`)
}

/** For what is right in Java and has no equivalent here. */
export function unsupported(what: string, source: string): SyntaxError {
  return new SyntaxError(`${what} of Java's regular expressions are not supported: ${source}`)
}
