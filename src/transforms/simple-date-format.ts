import { CalendarReading } from './simple-date-format-fields.ts'
import { parsePattern, type PatternPart } from './simple-date-format-pattern.ts'
import { readDate } from './simple-date-format-read.ts'
import { formatDate } from './simple-date-format-write.ts'

/**
 * java.text.SimpleDateFormat in UTC and English, lenient like the original: fields out of bounds roll over, and what
 * follows the last field of a text is not looked at. Dates before 15 October 1582 are Julian ones.
 *
 * Unlike the original it does not go on in the time zone of the last text that it read.
 */
export class SimpleDateFormat {
  readonly #parts: readonly PatternPart[]
  readonly #reading = new CalendarReading()
  /** Years of two digits lie within the hundred years from here. */
  readonly #centuryStart = eightyYearsAgo()

  /** Throws SyntaxError for what is no pattern. */
  constructor(pattern: string) {
    this.#parts = parsePattern(pattern)
  }

  format(epochMs: number | bigint): string {
    return formatDate(this.#parts, epochMs)
  }

  /** Epoch milliseconds; undefined where the text does not fit the pattern. */
  parse(text: string): number | bigint | undefined {
    const reading = this.#reading
    const century = this.#centuryStart
    reading.clear()
    const read = readDate(this.#parts, text, reading, { startYear: century.getUTCFullYear() })
    if (read === null) return undefined
    const parsed = reading.epochMs()
    if (!read.isFirstYear || parsed >= century.getTime()) return parsed
    reading.addYears(100)
    return reading.epochMs()
  }
}

function eightyYearsAgo(): Date {
  const date = new Date()
  date.setUTCFullYear(date.getUTCFullYear() - 80)
  return date
}
