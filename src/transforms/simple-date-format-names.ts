/** English names as Java writes and reads them, in the order of their numbers. */
export interface Names {
  readonly short: readonly string[]
  readonly long: readonly string[]
}

export const eraNames: Names = { short: ['BC', 'AD'], long: ['Before Christ', 'Anno Domini'] }

export const amPmNames: Names = { short: ['AM', 'PM'], long: ['AM', 'PM'] }

const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
export const monthNames: Names = { short: months.map((name) => name.slice(0, 3)), long: months }

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
export const dayNames: Names = { short: days.map((name) => name.slice(0, 3)), long: days }
