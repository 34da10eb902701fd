import { configDef, oneOf, string } from '../../index.ts'

const names = ['LOWER_CAMEL', 'LOWER_HYPHEN', 'LOWER_UNDERSCORE', 'UPPER_CAMEL', 'UPPER_UNDERSCORE'] as const

type CaseFormatName = (typeof names)[number]

const format = (what: string) =>
  string({
    importance: 'high',
    validate: oneOf(...names),
    doc: `How ${what} written: lowerCamel, lower-hyphen, lower_underscore, UpperCamel or UPPER_UNDERSCORE.`,
  })

/** The settings of what changes the case of names: `what` are, or is, written so. */
export function caseConfig(what: string) {
  return configDef({ from: format(`${what} so far`), to: format(`${what} afterwards`) })
}

/**
 * Writes a name in another of Java's and C's ways to join words. Only ASCII letters have a case here, as in Guava's
 * CaseFormat, whose results these are.
 */
export function changeCase(from: string, to: string): (name: string) => string {
  const source = formats[from as CaseFormatName]
  const target = formats[to as CaseFormatName]
  if (source === target) return (name) => name
  // Between these two the letters stay as they are.
  if (!source.isCamel && !target.isCamel && source.isLower && target.isLower) {
    return (name) => name.replaceAll(source.separator, target.separator)
  }
  return (name) => {
    const words = source.isCamel ? name.split(beforeCapital) : name.split(source.separator)
    return words.map((word, i) => (i === 0 ? target.first(word) : target.word(word))).join(target.separator)
  }
}

const beforeCapital = /(?!^)(?=[A-Z])/

const lower = (word: string) => word.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
const upper = (word: string) => word.replace(/[a-z]+/g, (letters) => letters.toUpperCase())
const capital = (word: string) => upper(word.slice(0, 1)) + lower(word.slice(1))

interface CaseFormat {
  readonly separator: string
  readonly isCamel: boolean
  readonly isLower: boolean
  readonly first: (word: string) => string
  readonly word: (word: string) => string
}

const formats: Readonly<Record<CaseFormatName, CaseFormat>> = {
  LOWER_CAMEL: { separator: '', isCamel: true, isLower: true, first: lower, word: capital },
  LOWER_HYPHEN: { separator: '-', isCamel: false, isLower: true, first: lower, word: lower },
  LOWER_UNDERSCORE: { separator: '_', isCamel: false, isLower: true, first: lower, word: lower },
  UPPER_CAMEL: { separator: '', isCamel: true, isLower: false, first: capital, word: capital },
  UPPER_UNDERSCORE: { separator: '_', isCamel: false, isLower: false, first: upper, word: upper },
}
