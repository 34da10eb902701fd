/**
 * Days since the epoch in the two calendars that Java's GregorianCalendar joins: the Julian one before 15 October 1582,
 * the Gregorian one from then on. Years are astronomical, 0 is 1 BC.
 */

/** 1582-10-15 */
export const cutoverDay = -141_427
export const cutoverYear = 1582

/** The first day of a month, which is counted from 0 and may lie outside the year. */
export function firstOfMonth(year: number, month: number, isGregorian: boolean): number {
  const inYear = modulo(month, 12)
  // Years begin on 1 March here, so that the leap day is their last.
  const march = year + Math.floor(month / 12) - (inYear < 2 ? 1 : 0)
  const leapDays =
    Math.floor(march / 4) - (isGregorian ? Math.floor(march / 100) - Math.floor(march / 400) : 0)
  const monthDays = Math.floor((153 * modulo(inYear - 2, 12) + 2) / 5)
  return 365 * march + leapDays + monthDays - (isGregorian ? 719_468 : 719_470)
}

/** The first day of the year, as it was. */
export function newYear(year: number): number {
  return firstOfMonth(year, 0, year > cutoverYear)
}

/** The last day up to `day` that is such a day of the week, 1 for Sunday. */
export function onOrBefore(day: number, weekday: number): number {
  return day - modulo(day + 5 - weekday, 7)
}

export function modulo(value: number, by: number): number {
  return ((value % by) + by) % by
}
