import { ConfigError, javaPattern, list, listOf, type JavaPattern } from '../../index.ts'

/** Flags of java.util.regex.Pattern, with their letters in a pattern. */
const letters: Readonly<Record<string, string>> = {
  UNICODE_CHARACTER_CLASS: 'U',
  UNICODE_CASE: 'u',
  DOTALL: 's',
  MULTILINE: 'm',
  COMMENTS: 'x',
  CASE_INSENSITIVE: 'i',
  UNIX_LINES: 'd',
}

/** A setting with such flags. */
export const patternFlags = list({
  importance: 'low',
  default: ['CASE_INSENSITIVE'],
  validate: listOf(
    'UNICODE_CHARACTER_CLASS',
    'CANON_EQ',
    'UNICODE_CASE',
    'DOTALL',
    'LITERAL',
    'MULTILINE',
    'COMMENTS',
    'CASE_INSENSITIVE',
    'UNIX_LINES',
  ),
  doc: 'How the pattern is read: the names of the flags of java.util.regex.Pattern, without CANON_EQ.',
})

/** The pattern of the setting `key`, read as the flags say. Throws ConfigError. */
export function flaggedPattern(key: string, source: string, flags: readonly string[]): JavaPattern {
  const isLiteral = flags.includes('LITERAL')
  // Of the other flags only those about case mean something for a literal text.
  const inline = flags
    .filter((flag) => !isLiteral || flag === 'CASE_INSENSITIVE' || flag === 'UNICODE_CASE')
    .map((flag) => letters[flag] ?? '')
    .join('')
  const body = isLiteral ? `\\Q${source.replaceAll('\\E', '\\E\\\\E\\Q')}\\E` : source
  try {
    if (flags.includes('CANON_EQ')) throw new SyntaxError('the flag CANON_EQ is not supported')
    return javaPattern(inline === '' ? body : `(?${inline})${body}`)
  } catch (cause) {
    const problem = (cause as Error).message
    throw new ConfigError(`Invalid value ${source} for configuration ${key}: Invalid regex: ${problem}`, {
      key,
      cause,
    })
  }
}
