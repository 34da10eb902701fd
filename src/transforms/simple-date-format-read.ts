import { asciiDigits } from '../index.ts'
import type { CalendarReading, FieldName } from './simple-date-format-fields.ts'
import { amPmNames, dayNames, eraNames, monthNames, type Names } from './simple-date-format-names.ts'
import type { PatternLetter, PatternPart } from './simple-date-format-pattern.ts'
import { readZone } from './simple-date-format-zone.ts'

/** The year from which two digits count. */
export interface Century {
  readonly startYear: number
}

/**
 * Reads a text by a pattern into `into`; what follows the last field does not matter. False: it does not fit. The other
 * answer is whether a year of two digits was the first of its century, which begins within it.
 */
export function readDate(
  parts: readonly PatternPart[],
  text: string,
  into: CalendarReading,
  century: Century,
): { readonly isFirstYear: boolean } | null {
  let isFirstYear = false
  let at = 0
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i]!
    if ('literal' in part) {
      if (!text.startsWith(part.literal, at)) return null
      at += part.literal.length
      continue
    }
    const width = hasFixedWidth(parts[i + 1]) ? part.count : null
    const end = readField(part, text, at, width, into)
    if (end < 0) return null
    if ((part.letter === 'y' || part.letter === 'Y') && part.count <= 2) {
      isFirstYear = withCentury(part.letter, text.slice(at, end), into, century)
    }
    at = end
  }
  // Java counts a text of which nothing was read as one that does not fit.
  return at === 0 ? null : { isFirstYear }
}

/** Numbers that another number follows end after as many digits as the pattern has letters. */
function hasFixedWidth(next: PatternPart | undefined): boolean {
  if (next === undefined || 'literal' in next) return false
  if (next.letter === 'M' || next.letter === 'L') return next.count <= 2
  return !'GEazZX'.includes(next.letter)
}

const twoDigits = /^[ \t]*\p{Nd}{2}$/u

/** Two digits stand for a year of the century, if they are digits and two. */
function withCentury(
  letter: 'y' | 'Y',
  token: string,
  into: CalendarReading,
  { startYear }: Century,
): boolean {
  if (!twoDigits.test(token)) return false
  const name = letter === 'y' ? 'year' : 'weekYear'
  const value = into.get(name)
  const start = startYear % 100
  into.set(name, value + Math.floor(startYear / 100) * 100 + (value < start ? 100 : 0))
  return value === start
}

const numericFields: Partial<Record<PatternLetter, FieldName>> = {
  y: 'year',
  Y: 'weekYear',
  M: 'month',
  L: 'month',
  d: 'dayOfMonth',
  D: 'dayOfYear',
  F: 'dayOfWeekInMonth',
  u: 'dayOfWeek',
  H: 'hourOfDay',
  k: 'hourOfDay',
  K: 'hour',
  h: 'hour',
  m: 'minute',
  s: 'second',
  S: 'millisecond',
  w: 'weekOfYear',
  W: 'weekOfMonth',
}

/** The place behind the field, or -1. */
function readField(
  { letter, count }: { readonly letter: PatternLetter; readonly count: number },
  text: string,
  start: number,
  width: number | null,
  into: CalendarReading,
): number {
  let at = start
  while (text[at] === ' ' || text[at] === '\t') at++
  if (at >= text.length) return -1
  switch (letter) {
    case 'G':
      return readName(text, start, eraNames, (value) => into.set('era', value))
    case 'E':
      return readName(text, start, dayNames, (value) => into.set('dayOfWeek', value + 1))
    case 'a':
      return readName(text, start, amPmNames, (value) => into.set('amPm', value))
    case 'z':
    case 'Z':
    case 'X':
      return readZone(letter, count, text, at, into)
    case 'M':
    case 'L':
      if (count >= 3) return readName(text, start, monthNames, (value) => into.set('month', value))
      break
    default:
  }
  // The width counts from before the blanks.
  if (width !== null && start + width > text.length) return -1
  const number = readNumber(text, at, width === null ? text.length : start + width)
  if (number === null) return -1
  into.set(numericFields[letter]!, fieldValue(letter, number.value))
  return number.end
}

/** What a number means in its field. */
function fieldValue(letter: PatternLetter, value: number): number {
  switch (letter) {
    case 'M':
    case 'L':
      return (value - 1) | 0
    case 'k':
      return value === 24 ? 0 : value
    case 'h':
      return value === 12 ? 0 : value
    case 'u':
      if (value < 1 || value > 7) return value
      return value === 7 ? 1 : value + 1
    default:
      return value
  }
}

/** The longest name that the text begins with, in either case. */
function readName(text: string, start: number, names: Names, found: (value: number) => void): number {
  let length = 0
  let best = -1
  for (const list of [names.short, names.long]) {
    for (let i = 0; i < list.length; i++) {
      const name = list[i]!
      const matches =
        name.length > length && text.substr(start, name.length).toLowerCase() === name.toLowerCase()
      if (matches) {
        length = name.length
        best = i
      }
    }
  }
  if (best < 0) return -1
  found(best)
  return start + length
}

const numberToken = /NaN|-?(?:∞|\p{Nd}+(?:E-?\p{Nd}+)?)/uy

/** The places of the number that was read last; one object, so that reading makes none. */
const found = { value: 0, end: 0 }

/** An integer as Java's DecimalFormat reads it, cut to 32 bits. */
function readNumber(text: string, start: number, limit: number): typeof found | null {
  let end = start
  let value = 0
  for (; end < limit; end++) {
    const digit = text.charCodeAt(end) - 0x30
    if (digit < 0 || digit > 9) break
    value = value * 10 + digit
  }
  const isPlain = end > start && value <= 0x7fffffff && (end === limit || isEnd.test(text[end]!))
  if (!isPlain) return readUnusual(text.slice(0, limit), start)
  found.value = value
  found.end = end
  return found
}

/** What certainly ends a number. */
const isEnd = /[\0-DF-\x7f]/

/** Signs, exponents, digits of other scripts, and what is no number at all. */
function readUnusual(text: string, start: number): typeof found | null {
  numberToken.lastIndex = start
  const token = numberToken.exec(text)?.[0]
  if (token === undefined) return null
  found.value = intValue(asciiDigits(token))
  found.end = start + token.length
  return found
}

function intValue(token: string): number {
  const value = Number(token.replace('∞', 'Infinity'))
  if (Number.isNaN(value)) return 0
  if ((value | 0) === value) return value
  // Longs keep their last bits, everything else ends at the bounds.
  const isLong = Number.isInteger(value) && Math.abs(value) < 2 ** 63
  if (isLong) return Number(BigInt.asIntN(32, token.includes('E') ? BigInt(value) : BigInt(token)))
  return Math.trunc(Math.max(-0x80000000, Math.min(0x7fffffff, value))) + 0
}
