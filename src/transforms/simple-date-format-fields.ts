import { cutoverDay, cutoverYear, firstOfMonth, onOrBefore } from './calendar-days.ts'

const unread = {
  era: 0,
  year: 0,
  weekYear: 0,
  month: 0,
  weekOfYear: 0,
  weekOfMonth: 0,
  dayOfMonth: 0,
  dayOfYear: 0,
  dayOfWeek: 0,
  dayOfWeekInMonth: 0,
  amPm: 0,
  hour: 0,
  hourOfDay: 0,
  minute: 0,
  second: 0,
  millisecond: 0,
  zoneOffset: 0,
  dstOffset: 0,
}

export type FieldName = keyof typeof unread

const dayMs = 86_400_000

/** How the day of a date is given. */
type DayFields = 'dayOfMonth' | 'weekOfMonth' | 'dayOfWeekInMonth' | 'dayOfYear' | 'weekOfYear'

/**
 * What was read of a date, and the moment that it means: java.util.GregorianCalendar in its lenient mode, in UTC and with
 * weeks that begin on Sunday. Fields may contradict each other: those read last decide.
 */
export class CalendarReading {
  /** As Java has them: months from 0, Sunday is 1, the era 0 is BC. */
  readonly #values = { ...unread }
  /** When a field was read, from 1 on; 0 for one that was not. */
  readonly #order = { ...unread }
  #last = 0

  clear(): void {
    Object.assign(this.#values, unread)
    Object.assign(this.#order, unread)
    this.#last = 0
  }

  set(name: FieldName, value: number): void {
    this.#values[name] = value
    this.#order[name] = ++this.#last
  }

  /** Adds to the year, of either kind. */
  addYears(years: number): void {
    this.#values.year += years
    this.#values.weekYear += years
  }

  get(name: FieldName): number {
    return this.#values[name]
  }

  /** Milliseconds since the epoch, and within 64 bits. */
  epochMs(): number | bigint {
    const sinceMidnight = this.#sinceMidnight()
    const days = Math.floor(sinceMidnight / dayMs)
    // The days that the time adds up to count when the calendar is chosen.
    const day = this.#day(days)
    const time = sinceMidnight - days * dayMs - this.get('zoneOffset') - this.get('dstOffset')
    const ms = day * dayMs + time
    if (Number.isSafeInteger(ms)) return ms
    const exact = BigInt.asIntN(64, BigInt(day) * BigInt(dayMs) + BigInt(time))
    return Number.isSafeInteger(Number(exact)) ? Number(exact) : exact
  }

  #at(name: FieldName): number {
    return this.#order[name]
  }

  #atBoth(name: FieldName, other: FieldName): number {
    return this.#at(name) === 0 || this.#at(other) === 0 ? 0 : Math.max(this.#at(name), this.#at(other))
  }

  #sinceMidnight(): number {
    const half = this.#atBoth('hour', 'amPm')
    const hours =
      this.#at('hourOfDay') > 0 && this.#at('hourOfDay') >= half
        ? this.get('hourOfDay')
        : this.get('hour') + 12 * this.get('amPm')
    return ((hours * 60 + this.get('minute')) * 60 + this.get('second')) * 1000 + this.get('millisecond')
  }

  #day(moreDays: number): number {
    if (this.#at('weekYear') > this.#at('year')) return this.#dayOfWeekDate() + moreDays
    const given = this.#at('year') > 0 ? this.get('year') : 1970
    const year = this.#isBeforeChrist() ? 1 - given : given
    const fields = this.#dayFields()
    return joined(year, fields, (isGregorian) => moreDays + this.#dayIn(year, fields, isGregorian))
  }

  #isBeforeChrist(): boolean {
    return this.#at('era') > 0 && this.get('era') === 0
  }

  /** The day given by week year, week and day of the week. */
  #dayOfWeekDate(): number {
    let week = this.#at('weekOfYear') > 0 ? this.get('weekOfYear') : 1
    let weekday = this.#at('dayOfWeek') > 0 ? this.get('dayOfWeek') : 1
    if (weekday < 1 || weekday > 7) {
      // Days of the week out of bounds are numbers from Monday on.
      const from = weekday >= 8 ? weekday - 1 : weekday
      const weeks = weekday >= 8 ? Math.floor(from / 7) : -Math.ceil((1 - from) / 7)
      week += weeks
      const left = from - 7 * weeks
      weekday = weekday >= 8 ? left + 1 : left
      weekday = weekday === 7 ? 1 : weekday + 1
    }
    const given = this.get('weekYear')
    const year = this.#isBeforeChrist() ? 1 - given : given
    const start = joined(year, 'weekOfYear', (isGregorian) =>
      onOrBefore(firstOfMonth(year, 0, isGregorian), 1),
    )
    return start + weekday - 1 + 7 * (week - 1)
  }

  /** Which fields say what day it is: those that were read last. */
  #dayFields(): DayFields {
    const weekday = this.#at('dayOfWeek')
    let byDay = this.#at('dayOfMonth')
    let byWeekOfMonth = this.#atBoth('weekOfMonth', 'dayOfWeek')
    let byDayOfWeekInMonth = this.#atBoth('dayOfWeekInMonth', 'dayOfWeek')
    const byDayOfYear = this.#at('dayOfYear')
    let byWeekOfYear = this.#atBoth('weekOfYear', 'dayOfWeek')
    let best = Math.max(byDay, byWeekOfMonth, byDayOfWeekInMonth, byDayOfYear, byWeekOfYear)
    if (best === 0) {
      byWeekOfMonth = this.#at('weekOfMonth')
      byDayOfWeekInMonth = Math.max(this.#at('dayOfWeekInMonth'), weekday)
      byWeekOfYear = this.#at('weekOfYear')
      best = Math.max(byWeekOfMonth, byDayOfWeekInMonth, byWeekOfYear)
      if (best === 0) best = byDay = this.#at('month')
    }
    if (best === byDay) return 'dayOfMonth'
    const weekOfMonth = this.#at('weekOfMonth')
    const inMonth = this.#at('dayOfWeekInMonth')
    const weekOfYear = this.#at('weekOfYear')
    const isOfMonth =
      (best === byWeekOfMonth && weekOfMonth >= weekOfYear) ||
      (best === byDayOfWeekInMonth && inMonth >= weekOfYear)
    if (!isOfMonth) return best === byDayOfYear ? 'dayOfYear' : 'weekOfYear'
    if (byWeekOfMonth === byDayOfWeekInMonth)
      return weekOfMonth >= inMonth ? 'weekOfMonth' : 'dayOfWeekInMonth'
    return best === byWeekOfMonth ? 'weekOfMonth' : 'dayOfWeekInMonth'
  }

  #dayIn(year: number, fields: DayFields, isGregorian: boolean): number {
    const isOfYear = fields === 'dayOfYear' || fields === 'weekOfYear'
    const first = firstOfMonth(year, isOfYear ? 0 : this.get('month'), isGregorian)
    const hasWeekday = this.#at('dayOfWeek') > 0
    const weekday = this.get('dayOfWeek')
    switch (fields) {
      case 'dayOfMonth':
        return this.#at('dayOfMonth') > 0 ? first + this.get('dayOfMonth') - 1 : first
      case 'dayOfYear':
        return first + this.get('dayOfYear') - 1
      case 'weekOfMonth':
      case 'weekOfYear': {
        let start = onOrBefore(first, 1)
        if (hasWeekday) start = onOrBefore(start + 6, weekday)
        return start + 7 * (this.get(fields) - 1)
      }
      case 'dayOfWeekInMonth': {
        const sought = hasWeekday ? weekday : 1
        const which = this.#at('dayOfWeekInMonth') > 0 ? this.get('dayOfWeekInMonth') : 1
        if (which >= 0) return onOrBefore(first + 7 * which - 1, sought)
        // Java takes the length of the month as the year that is asked about has it.
        const length = firstOfMonth(year, this.get('month') + 1, isGregorian) - first
        return onOrBefore(first + length + 7 * (which + 1) - 1, sought)
      }
    }
  }
}

/** The day of a year's date in the calendar that was in use. Days that the reform left out are read as Julian ones. */
function joined(year: number, fields: DayFields, dayIn: (isGregorian: boolean) => number): number {
  const julian = dayIn(false)
  if (year < cutoverYear) return julian
  const gregorian = dayIn(true)
  if (year > cutoverYear && gregorian >= cutoverDay) return gregorian
  if (fields === 'dayOfYear' || fields === 'weekOfYear') return julian
  return gregorian >= cutoverDay ? gregorian : julian
}
