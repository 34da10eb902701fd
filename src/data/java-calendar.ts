/**
 * Java's GregorianCalendar in UTC: Julian before 15 October 1582, and lenient, so that a month 13 is the next January.
 */

const dayMs = 86_400_000
/** 1582-10-15, the first day of the Gregorian calendar, as days since the epoch. */
const cutoverDay = -141_427
const cutoverYear = 1582

export interface CalendarFields {
  /** 0 is 1 BC. */
  readonly year: number
  /** 1 to 12 */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly millisecond: number
  /** 0 is Sunday. */
  readonly weekday: number
}

export function calendarFields(epochMs: number | bigint): CalendarFields {
  const { day: epochDay, ms } = splitDay(epochMs)
  const { year, month, day } = dateOfDay(epochDay)
  return {
    year,
    month,
    day,
    hour: Math.floor(ms / 3_600_000),
    minute: Math.floor(ms / 60_000) % 60,
    second: Math.floor(ms / 1000) % 60,
    millisecond: ms % 1000,
    weekday: modulo(epochDay + 4, 7),
  }
}

/** Days since the epoch and milliseconds of the day. */
function splitDay(epochMs: number | bigint): { day: number; ms: number } {
  if (typeof epochMs === 'number') {
    const day = Math.floor(epochMs / dayMs)
    return { day, ms: epochMs - day * dayMs }
  }
  const ms = ((epochMs % 86_400_000n) + 86_400_000n) % 86_400_000n
  return { day: Number((epochMs - ms) / 86_400_000n), ms: Number(ms) }
}

function dateOfDay(epochDay: number): { year: number; month: number; day: number } {
  const isGregorian = epochDay >= cutoverDay
  // Years begin on 1 March here, so that the leap day is the last one. Day 0 is 1 March of year 0.
  const since = epochDay + (isGregorian ? 719_468 : 719_470)
  let year
  if (isGregorian) {
    const era = Math.floor(since / 146_097)
    const rest = since - era * 146_097
    const yearOfEra = Math.floor(
      (rest - Math.floor(rest / 1460) + Math.floor(rest / 36_524) - Math.floor(rest / 146_096)) / 365,
    )
    year = era * 400 + yearOfEra
  } else {
    const era = Math.floor(since / 1461)
    const rest = since - era * 1461
    year = era * 4 + Math.floor((rest - Math.floor(rest / 1460)) / 365)
  }
  const dayOfYear = since - daysBeforeMarch(year, isGregorian)
  const shifted = Math.floor((5 * dayOfYear + 2) / 153)
  const month = shifted < 10 ? shifted + 3 : shifted - 9
  return {
    year: month <= 2 ? year + 1 : year,
    month,
    day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1,
  }
}

/** Days from 1 March of year 0 to 1 March of `year`. */
function daysBeforeMarch(year: number, isGregorian: boolean): number {
  const julian = 365 * year + Math.floor(year / 4)
  return isGregorian ? julian - Math.floor(year / 100) + Math.floor(year / 400) : julian
}

/** Days since the epoch of a date whose month and day may lie outside their bounds. */
export function epochDayOf(year: number, month: number, day: number): number {
  const gregorian = dayIn(year, month, day, true)
  if (year > cutoverYear && gregorian >= cutoverDay) return gregorian
  const julian = dayIn(year, month, day, false)
  if (year < cutoverYear) return julian < cutoverDay ? julian : dayIn(year, month, day, true)
  // The days that the reform left out are read as Julian ones.
  return gregorian >= cutoverDay ? gregorian : julian
}

function dayIn(year: number, month: number, day: number, isGregorian: boolean): number {
  const months = year * 12 + month - 1
  const monthOfYear = modulo(months, 12)
  const marchYear = Math.floor(months / 12) - (monthOfYear < 2 ? 1 : 0)
  const shifted = modulo(monthOfYear - 2, 12)
  const before = daysBeforeMarch(marchYear, isGregorian) + Math.floor((153 * shifted + 2) / 5)
  return before + day - 1 - (isGregorian ? 719_468 : 719_470)
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by
}

const two = (n: number) => String(n).padStart(2, '0')

/** `java.util.Date.toString()` in UTC: `Thu Jan 01 00:00:00 UTC 1970`. */
export function dateText(epochMs: number | bigint): string {
  const { year, month, day, hour, minute, second, weekday } = calendarFields(epochMs)
  const time = `${two(hour)}:${two(minute)}:${two(second)}`
  return `${days[weekday]} ${months[month - 1]} ${two(day)} ${time} UTC ${year > 0 ? year : 1 - year}`
}

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `yyyy-MM-dd` */
export function isoDate({ year, month, day }: CalendarFields): string {
  return `${String(year > 0 ? year : 1 - year).padStart(4, '0')}-${two(month)}-${two(day)}`
}

/** `HH:mm:ss.SSS'Z'` */
export function isoTime({ hour, minute, second, millisecond }: CalendarFields): string {
  return `${two(hour)}:${two(minute)}:${two(second)}.${String(millisecond).padStart(3, '0')}Z`
}
