import { javaPattern } from '../util/java-pattern.ts'
import { invalidValue } from './parse-value.ts'
import type { Validator } from './validators.ts'

/** A Java regular expression that can be honoured here. */
export const validRegex: Validator = {
  description: 'valid regex',
  check(name, value) {
    if (value === null) throw invalidValue(name, value, 'Invalid regex: there is none')
    try {
      javaPattern(String(value))
    } catch (error) {
      throw invalidValue(name, value, `Invalid regex: ${(error as Error).message}`)
    }
  },
}
