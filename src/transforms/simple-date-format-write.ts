import { calendarFields, type CalendarFields } from '../index.ts'
import { cutoverDay, firstOfMonth, newYear, onOrBefore } from './calendar-days.ts'
import { dayNames, eraNames, monthNames } from './simple-date-format-names.ts'
import type { PatternLetter, PatternPart } from './simple-date-format-pattern.ts'

/** A moment in the form of a pattern, in UTC and with English names. */
export function formatDate(parts: readonly PatternPart[], epochMs: number | bigint): string {
  const fields = calendarFields(epochMs)
  let text = ''
  for (const part of parts) {
    text += 'literal' in part ? part.literal : fieldText(part.letter, part.count, fields, epochMs)
  }
  return text
}

function fieldText(
  letter: PatternLetter,
  count: number,
  fields: CalendarFields,
  epochMs: number | bigint,
): string {
  switch (letter) {
    case 'G':
      return eraNames.short[fields.year > 0 ? 1 : 0]!
    case 'y':
      return yearText(fields.year > 0 ? fields.year : 1 - fields.year, count)
    case 'Y':
      return yearText(weekYear(fields, epochMs), count)
    case 'M':
    case 'L':
      if (count < 3) return padded(fields.month, count)
      return monthNames[count >= 4 ? 'long' : 'short'][fields.month - 1]!
    case 'd':
      return padded(fields.day, count)
    case 'D':
      return padded(epochDay(epochMs) - newYear(fields.year) + 1, count)
    case 'F':
      return padded(Math.floor((epochDay(epochMs) - monthStart(fields, epochMs)) / 7) + 1, count)
    case 'w':
      return padded(weekOfYear(fields, epochMs), count)
    case 'W':
      return padded(weeksFrom(monthStart(fields, epochMs), epochDay(epochMs)), count)
    case 'E':
      return dayNames[count >= 4 ? 'long' : 'short'][fields.weekday]!
    case 'u':
      return padded(fields.weekday === 0 ? 7 : fields.weekday, count)
    case 'a':
      return fields.hour < 12 ? 'AM' : 'PM'
    case 'H':
      return padded(fields.hour, count)
    case 'k':
      return padded(fields.hour === 0 ? 24 : fields.hour, count)
    case 'K':
      return padded(fields.hour % 12, count)
    case 'h':
      return padded(fields.hour % 12 === 0 ? 12 : fields.hour % 12, count)
    case 'm':
      return padded(fields.minute, count)
    case 's':
      return padded(fields.second, count)
    case 'S':
      return padded(fields.millisecond, count)
    case 'z':
      return count >= 4 ? 'Coordinated Universal Time' : 'UTC'
    case 'Z':
      return '+0000'
    case 'X':
      return 'Z'
  }
}

function padded(value: number, count: number): string {
  const sign = value < 0 ? '-' : ''
  return sign + String(Math.abs(value)).padStart(count, '0')
}

/** Two letters give two digits, any other number all of them. */
function yearText(year: number, count: number): string {
  if (count !== 2) return padded(year, count)
  return (year < 0 ? '-' : '') + padded(Math.abs(year) % 100, 2)
}

function epochDay(epochMs: number | bigint): number {
  if (typeof epochMs === 'number') return Math.floor(epochMs / 86_400_000)
  return Number((epochMs - (((epochMs % 86_400_000n) + 86_400_000n) % 86_400_000n)) / 86_400_000n)
}

/** October 1582 began in the Julian calendar. */
function monthStart({ year, month }: CalendarFields, epochMs: number | bigint): number {
  const start = firstOfMonth(year, month - 1, epochDay(epochMs) >= cutoverDay)
  return epochDay(epochMs) >= cutoverDay && start < cutoverDay ? firstOfMonth(year, month - 1, false) : start
}

/** Weeks begin on Sunday, and the first one however short counts. */
function weeksFrom(start: number, day: number): number {
  return Math.floor((day - onOrBefore(start, 1)) / 7) + 1
}

function isInNextYear(year: number, day: number): boolean {
  return day >= onOrBefore(newYear(year + 1), 1)
}

function weekOfYear({ year }: CalendarFields, epochMs: number | bigint): number {
  const day = epochDay(epochMs)
  return isInNextYear(year, day) ? 1 : weeksFrom(newYear(year), day)
}

function weekYear({ year }: CalendarFields, epochMs: number | bigint): number {
  return isInNextYear(year, epochDay(epochMs)) ? year + 1 : year
}
