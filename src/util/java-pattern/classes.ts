import { type CharSet, type Flags } from './syntax.ts'

const not = (set: CharSet): CharSet => ({ kind: 'not', set })
const of = (source: string): CharSet => ({ kind: 'source', source })

/** `\d`, `\w` and their like: ASCII only, unless the flag U asks for Unicode. */
export function shorthandClass(letter: string, { unicodeClasses }: Flags): CharSet | undefined {
  const lower = letter.toLowerCase()
  const known = unicodeClasses && unicodeShorthands[lower] ? unicodeShorthands[lower] : shorthands[lower]
  if (known === undefined) return undefined
  return letter === lower ? of(known) : not(of(known))
}

const shorthands: Readonly<Record<string, string | undefined>> = {
  d: '0-9',
  w: 'a-zA-Z_0-9',
  s: ' \\t\\n\\v\\f\\r',
  h: ' \\xA0\\u1680\\u180e\\u2000-\\u200a\\u202f\\u205f\\u3000\\t',
  v: '\\n\\v\\f\\r\\x85\\u2028\\u2029',
}

const unicodeWord = '\\p{Alphabetic}\\p{Mn}\\p{Me}\\p{Mc}\\p{Nd}\\p{Pc}\\p{Join_Control}'

const unicodeShorthands: Readonly<Record<string, string | undefined>> = {
  d: '\\p{Nd}',
  w: unicodeWord,
  s: '\\p{White_Space}',
}

/** `\p{name}`; undefined for a name that Java does not know. */
export function propertyClass(name: string, { unicodeClasses, ignoreCase }: Flags): CharSet | undefined {
  // Without regard to case, lower, upper and title case are one.
  if (ignoreCase && (name === 'Lower' || name === 'Upper'))
    return of(unicodeClasses ? '\\p{Cased}' : 'a-zA-Z')
  const posix = (unicodeClasses ? unicodePosix[name] : undefined) ?? posixClasses[name]
  if (posix !== undefined) return of(posix)
  const source = javaClasses[name] ?? unicodeProperty(name)
  return source === undefined ? undefined : of(source)
}

const posixClasses: Readonly<Record<string, string | undefined>> = {
  Lower: 'a-z',
  Upper: 'A-Z',
  ASCII: '\\x00-\\x7F',
  Alpha: 'a-zA-Z',
  Digit: '0-9',
  Alnum: 'a-zA-Z0-9',
  Punct: '\\x21-\\x2F\\x3A-\\x40\\x5B-\\x60\\x7B-\\x7E',
  Graph: '\\x21-\\x7E',
  Print: '\\x20-\\x7E',
  Blank: ' \\t',
  Cntrl: '\\x00-\\x1F\\x7F',
  XDigit: '0-9a-fA-F',
  Space: ' \\t\\n\\v\\f\\r',
}

const unicodePosix: Readonly<Record<string, string | undefined>> = {
  Lower: '\\p{Lowercase}',
  Upper: '\\p{Uppercase}',
  Alpha: '\\p{Alphabetic}',
  Digit: '\\p{Nd}',
  Alnum: '\\p{Alphabetic}\\p{Nd}',
  Punct: '\\p{P}',
  Blank: '\\p{Zs}\\t',
  Cntrl: '\\p{Cc}',
  XDigit: '\\p{Nd}\\p{Hex_Digit}',
  Space: '\\p{White_Space}',
}

const javaClasses: Readonly<Record<string, string | undefined>> = {
  javaLowerCase: '\\p{Lowercase}',
  javaUpperCase: '\\p{Uppercase}',
  javaAlphabetic: '\\p{Alphabetic}',
  javaDigit: '\\p{Nd}',
  javaLetter: '\\p{L}',
  javaLetterOrDigit: '\\p{L}\\p{Nd}',
  javaTitleCase: '\\p{Lt}',
  javaSpaceChar: '\\p{Z}',
  L1: '\\x00-\\xFF',
  LC: '\\p{Lu}\\p{Ll}\\p{Lt}',
  LD: '\\p{L}\\p{Nd}',
  all: '\\u{0}-\\u{10FFFF}',
}

/** Names of blocks that are met in practice; JavaScript has none. */
const blocks: Readonly<Record<string, string | undefined>> = {
  basiclatin: '\\x00-\\x7F',
  latin1supplement: '\\x80-\\xFF',
  latinextendeda: '\\u0100-\\u017F',
  latinextendedb: '\\u0180-\\u024F',
  greek: '\\u0370-\\u03FF',
  greekandcoptic: '\\u0370-\\u03FF',
  cyrillic: '\\u0400-\\u04FF',
  cyrillicsupplement: '\\u0500-\\u052F',
  armenian: '\\u0530-\\u058F',
  hebrew: '\\u0590-\\u05FF',
  arabic: '\\u0600-\\u06FF',
  devanagari: '\\u0900-\\u097F',
  thai: '\\u0E00-\\u0E7F',
  georgian: '\\u10A0-\\u10FF',
  hangulsyllables: '\\uAC00-\\uD7AF',
  hangul: '\\uAC00-\\uD7AF',
  hiragana: '\\u3040-\\u309F',
  katakana: '\\u30A0-\\u30FF',
  cjkunifiedideographs: '\\u4E00-\\u9FFF',
  generalpunctuation: '\\u2000-\\u206F',
}

function unicodeProperty(name: string): string | undefined {
  const [, key, value] = /^(\w+)=(\w+)$/.exec(name) ?? []
  if (value !== undefined) {
    switch (key!.toLowerCase()) {
      case 'sc':
      case 'script':
        return valid(`\\p{Script=${titled(value)}}`)
      case 'gc':
      case 'general_category':
        return valid(`\\p{gc=${value}}`)
      case 'blk':
      case 'block':
        return blockOf(value)
      default:
        return undefined
    }
  }
  if (name.startsWith('In')) return blockOf(name.slice(2))
  if (name.startsWith('Is')) {
    const plain = name.slice(2)
    const wanted = plain.toLowerCase()
    const binary = binaryProperties.find(
      (property) => property.toLowerCase().replaceAll('_', '') === wanted.replaceAll('_', ''),
    )
    if (binary !== undefined) return `\\p{${binary}}`
    return valid(`\\p{gc=${plain}}`) ?? valid(`\\p{Script=${titled(plain)}}`)
  }
  return /^[A-Z][a-z]?$/.test(name) ? valid(`\\p{gc=${name}}`) : undefined
}

const binaryProperties = [
  'Alphabetic',
  'Ideographic',
  'Lowercase',
  'Uppercase',
  'White_Space',
  'Noncharacter_Code_Point',
  'Hex_Digit',
  'Join_Control',
  'Emoji',
  'Emoji_Presentation',
]

function blockOf(name: string): string | undefined {
  return blocks[name.toLowerCase().replace(/[ _-]/g, '')]
}

function titled(name: string): string {
  return name
    .split('_')
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1).toLowerCase())
    .join('_')
}

function valid(source: string): string | undefined {
  try {
    new RegExp(source, 'u')
    return source
  } catch {
    return undefined
  }
}
