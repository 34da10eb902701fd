import { javaPattern, javaReplacement } from '../../index.ts'

/** Replaces in a text what the pattern finds, where it matches the whole; null where it does not. */
export function topicPattern(regex: string, replacement: string): (text: string) => string | null {
  const pattern = javaPattern(regex)
  const replace = javaReplacement(replacement, pattern)
  return (text) => {
    if (!pattern.full.test(text)) return null
    // Java searches again: the first match may be shorter than the whole.
    const match = pattern.find.exec(text)!
    return text.slice(0, match.index) + replace(match) + text.slice(match.index + match[0].length)
  }
}
