import { emitPattern } from './java-pattern/emit.ts'
import { parsePattern } from './java-pattern/parse.ts'

/** A Java regular expression as JavaScript ones. */
export interface JavaPattern {
  /** Matches the whole text, as `Matcher.matches` does. */
  readonly full: RegExp
  /** Finds a match anywhere, as `Matcher.find` does. */
  readonly find: RegExp
  /** By the number of a group in Java, its place in a match of these expressions. */
  readonly groups: readonly number[]
  /** The numbers of named groups. */
  readonly names: ReadonlyMap<string, number>
}

/**
 * Translates a Java regular expression into one that means the same. A construct for which there is none throws
 * SyntaxError and is named, so that nothing silently means something else.
 */
export function javaPattern(source: string): JavaPattern {
  const { body, groups, names } = emitPattern(parsePattern(source).node, source)
  return { full: new RegExp(`^(?:${body})$`, 'v'), find: new RegExp(body, 'v'), groups, names }
}

/**
 * A Java replacement text, `$1`, `${name}` and backslash escapes, as a function of a match of the pattern. The function
 * throws for what the text gets wrong, as Java does when it replaces.
 */
export function javaReplacement(
  text: string,
  pattern: Pick<JavaPattern, 'groups' | 'names'>,
): (match: RegExpExecArray) => string {
  return (match) => {
    let result = ''
    for (let at = 0; at < text.length; at++) {
      const char = text[at]!
      if (char === '\\') {
        at++
        if (at === text.length) throw new SyntaxError('character to be escaped is missing')
        result += text[at]!
      } else if (char === '$') {
        const { group, length } = groupAt(text, at, pattern)
        result += match[pattern.groups[group]!] ?? ''
        at += length - 1
      } else result += char
    }
    return result
  }
}

function groupAt(
  text: string,
  at: number,
  { groups, names }: Pick<JavaPattern, 'groups' | 'names'>,
): { group: number; length: number } {
  if (text[at + 1] === '{') {
    const name = /^[a-zA-Z0-9]*/.exec(text.slice(at + 2))![0]
    if (name === '') throw new SyntaxError('named capturing group has 0 length name')
    if (text[at + 2 + name.length] !== '}')
      throw new SyntaxError("named capturing group is missing trailing '}'")
    const group = names.get(name)
    if (group === undefined) throw new SyntaxError(`No group with name {${name}}`)
    return { group, length: name.length + 3 }
  }
  const digits = /^\d+/.exec(text.slice(at + 1))?.[0]
  if (digits === undefined) throw new SyntaxError('Illegal group reference')
  // Java takes further digits only while such a group exists.
  let length = 1
  while (length < digits.length && Number(digits.slice(0, length + 1)) < groups.length) length++
  const group = Number(digits.slice(0, length))
  if (group >= groups.length) throw new RangeError(`No group ${group}`)
  return { group, length: length + 1 }
}
