import { javaHashOrder } from './java-hash-order.ts'
import { invalidValue, type ConfigType } from './parse-value.ts'

/**
 * Checks a parsed value. `check` throws ConfigError, best made by `invalidValue`; `description` is what the
 * reference page shows as valid values. Messages are Kafka's.
 */
export interface Validator {
  readonly description?: string
  check(name: string, value: unknown, type: ConfigType): void
}

export function atLeast(min: number | bigint): Validator {
  return range(min)
}

export function between(min: number | bigint, max: number | bigint): Validator {
  return range(min, max)
}

function range(min: number | bigint, max?: number | bigint): Validator {
  return {
    description: max === undefined ? `[${min},...]` : `[${min},...,${max}]`,
    check(name, value, type) {
      const number = value as number | bigint | null
      if (number === null) throw invalidValue(name, value, 'Value must be non-null')
      if (number < min) throw invalidValue(name, value, `Value must be at least ${min}`, type)
      if (max !== undefined && number > max)
        throw invalidValue(name, value, `Value must be no more than ${max}`, type)
    },
  }
}

export function oneOf(...values: readonly string[]): Validator {
  const texts = values.join(', ')
  return {
    description: `[${texts}]`,
    check(name, value) {
      if (!values.includes(value as string))
        throw invalidValue(name, value, `String must be one of: ${texts}`)
    },
  }
}

export function oneOfIgnoringCase(...values: readonly string[]): Validator {
  // Kafka's message lists them as a HashSet does.
  const upper = javaHashOrder(values.map((value) => value.toUpperCase()))
  const texts = upper.join(', ')
  return {
    description: `(case insensitive) [${texts}]`,
    check(name, value) {
      if (typeof value === 'string' && upper.includes(value.toUpperCase())) return
      throw invalidValue(name, value, `String must be one of (case insensitive): ${texts}`)
    },
  }
}

/** Every element of a list is one of these. */
export function listOf(...values: readonly string[]): Validator {
  const element = oneOf(...values)
  return {
    description: `list of ${element.description}`,
    check(name, value, type) {
      for (const item of definedList(name, value)) element.check(name, item, type)
    },
  }
}

export function listSize(max: number): Validator {
  return {
    description: `List containing maximum of ${max} elements`,
    check(name, value) {
      if (definedList(name, value).length > max) {
        throw invalidValue(name, value, `exceeds maximum list size of [${max}].`)
      }
    },
  }
}

/** No alias twice, as for `transforms` and `predicates`. */
export const uniqueAliases: Validator = {
  description: 'unique aliases',
  check(name, value) {
    const aliases = definedList(name, value)
    if (new Set(aliases).size < aliases.length) throw invalidValue(name, value, 'Duplicate alias provided.')
  },
}

/** A text that is not empty (null passes), or a list with at least one element. */
export const nonEmpty: Validator = {
  description: 'non-empty',
  check(name, value, type) {
    if (type === 'LIST') {
      if (value === null || (value as unknown[]).length === 0) throw invalidValue(name, value, 'Empty list')
    } else if (value === '') {
      throw invalidValue(name, value, 'String must be non-empty')
    }
  },
}

export const nonEmptyWithoutControlChars: Validator = {
  description: 'non-empty string without ISO control characters',
  check(name, value) {
    if (value === null) return
    const text = value as string
    if (text === '') throw invalidValue(name, value, 'String may not be empty')
    const controls = text.match(/[\u0000-\u001f\u007f-\u009f]/g)
    if (controls === null) return
    const codes = controls.map((char) => char.charCodeAt(0)).join(', ')
    throw invalidValue(
      name,
      value,
      `String may not contain control sequences but had the following ASCII chars: ${codes}`,
    )
  },
}

export const nonNull: Validator = {
  description: 'non-null',
  check(name, value) {
    if (value === null) throw invalidValue(name, value, 'entry must be non null')
  },
}

/** What `validator` allows, and nothing at all. */
export function nullOr(validator: Validator): Validator {
  return {
    ...(validator.description === undefined ? {} : { description: `null or ${validator.description}` }),
    check(name, value, type) {
      if (value !== null) validator.check(name, value, type)
    },
  }
}

/** All of these, in order; the first that refuses speaks. */
export function all(...validators: readonly Validator[]): Validator {
  return {
    description: validators.map(({ description }) => description).join(','),
    check(name, value, type) {
      for (const validator of validators) validator.check(name, value, type)
    },
  }
}

/** A rule of one's own: returns what is wrong, or null. */
export function rule(description: string, problem: (value: never) => string | null): Validator {
  return {
    description,
    check(name, value, type) {
      const found = problem(value as never)
      if (found !== null) throw invalidValue(name, value, found, type)
    },
  }
}

function definedList(name: string, value: unknown): readonly string[] {
  if (value === null) throw invalidValue(name, value, 'entry must be non null')
  return value as readonly string[]
}
