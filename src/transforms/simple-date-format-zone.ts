import type { CalendarReading } from './simple-date-format-fields.ts'
import { zoneNamed } from './simple-date-format-zone-names.ts'

const minuteMs = 60_000

/** Reads the zone of a date. The place behind it, or -1. */
export function readZone(
  letter: 'z' | 'Z' | 'X',
  count: number,
  text: string,
  at: number,
  into: CalendarReading,
): number {
  if (letter === 'X') {
    if (text[at] === 'Z') return found(into, 0, at + 1)
    return readOffset(isoOffsets[count - 1]!, text, at, into)
  }
  if (text[at] === '+' || text[at] === '-') return readOffset(rfcOffset, text, at, into)
  if (text.slice(at, at + 3).toUpperCase() === 'GMT') {
    const next = text[at + 3]
    if (next === '+' || next === '-') return readOffset(gmtOffset, text, at + 3, into)
    return found(into, 0, at + 3)
  }
  const zone = zoneNamed(text, at)
  return zone === null ? -1 : found(into, zone.minutes * minuteMs, zone.end)
}

const rfcOffset = /([+-])(\d\d)(\d\d)/y
const gmtOffset = /([+-])(\d\d?):(\d\d)/y
const isoOffsets = [/([+-])(\d\d)/y, rfcOffset, /([+-])(\d\d):(\d\d)/y]

function readOffset(form: RegExp, text: string, at: number, into: CalendarReading): number {
  form.lastIndex = at
  const match = form.exec(text)
  if (match === null) return -1
  const hours = Number(match[2])
  const minutes = Number(match[3] ?? 0)
  if (hours > 23 || minutes > 59) return -1
  const offset = (hours * 60 + minutes) * minuteMs
  return found(into, match[1] === '-' ? -offset : offset, at + match[0].length)
}

function found(into: CalendarReading, offset: number, end: number): number {
  into.set('zoneOffset', offset)
  into.set('dstOffset', 0)
  return end
}
