import { asciiDigits } from '../java-digits.ts'
import { epochDayOf } from '../java-calendar.ts'
import { dateSchema, timeSchema, timestampSchema } from '../logical-types.ts'
import type { SchemaAndValue } from '../schema-and-value.ts'

/**
 * A date, time or timestamp by the exact length of its text; undefined for any other. Read as Java's SimpleDateFormat
 * does: fields out of bounds roll over, and what follows the last one does not matter. The time zone is UTC, which is
 * what Kafka Connect takes from its machine.
 */
export function parseTemporal(raw: string): SchemaAndValue | undefined {
  const text = raw.replaceAll('\\:', ':')
  switch (text.length) {
    case 10: {
      const date = readFields(text, '#-#-#')
      return date && { schema: dateSchema, value: epochMs(date) }
    }
    case 13: {
      const time = readFields(text, '#:#:#.#Z')
      return time && { schema: timeSchema, value: epochMs([1970, 1, 1, ...time]) }
    }
    case 24: {
      const both = readFields(text, '#-#-#T#:#:#.#Z')
      return both && { schema: timestampSchema, value: epochMs(both) }
    }
    default:
      return undefined
  }
}

/** The numbers of a text in which `#` stands for one and everything else for itself. */
function readFields(text: string, pattern: string): number[] | undefined {
  const fields: number[] = []
  let rest = asciiDigits(text)
  for (const part of pattern) {
    if (part === '#') {
      const found = /^[ \t]*(-?\d+(?:E-?\d+)?)/.exec(rest)
      if (!found) return undefined
      fields.push(intValue(found[1]!))
      rest = rest.slice(found[0].length)
    } else {
      if (!rest.startsWith(part)) return undefined
      rest = rest.slice(1)
    }
  }
  return fields
}

/** `Number.intValue()`: longs wrap, doubles end at the bounds. */
function intValue(text: string): number {
  if (!text.includes('E') && text.length < 19) return Number(BigInt.asIntN(32, BigInt(text)))
  return Math.trunc(Math.min(Math.max(Number(text), -0x80000000), 0x7fffffff))
}

function epochMs([year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, ms = 0]: number[]): number {
  return epochDayOf(year, month, day) * 86_400_000 + hour * 3_600_000 + minute * 60_000 + second * 1000 + ms
}
