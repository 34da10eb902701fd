import { ConfigError } from '../errors.ts'

/**
 * Reads settings as Kafka's ConfigDef does: the same conversions, the same words for what is wrong. Remembers
 * what was read, so that what is known but not read can be named.
 */
export class SettingsReader {
  readonly #settings: Readonly<Record<string, string | null>>
  readonly #prefix: string | null
  readonly #read = new Set<string>()

  /** With a prefix, if an empty one, the settings are those of a file, and mistakes carry the key to blame. */
  constructor(settings: Readonly<Record<string, string | null>>, prefix: string | null = null) {
    this.#settings = settings
    this.#prefix = prefix
  }

  /** As it is written where it was set. */
  nameOf(name: string): string {
    return (this.#prefix ?? '') + name
  }

  error(name: string, message: string, cause?: unknown): ConfigError {
    return new ConfigError(message, {
      ...(this.#prefix === null ? {} : { key: this.nameOf(name) }),
      ...(cause === undefined ? {} : { cause }),
    })
  }

  invalid(name: string, value: string | null, reason: string): ConfigError {
    return this.error(name, `Invalid value ${value} for configuration ${this.nameOf(name)}: ${reason}`)
  }

  get readNames(): ReadonlySet<string> {
    return this.#read
  }

  /** The trimmed text, or null where it is not set. */
  text(name: string): string | null {
    this.#read.add(name)
    return this.#settings[this.nameOf(name)]?.trim() ?? null
  }

  /** Set to something other than blanks. */
  isSet(name: string): boolean {
    const text = this.text(name)
    return text !== null && text !== ''
  }

  number(name: string, fallback: number, { min = 0, max = Number.MAX_VALUE, type = 'LONG' } = {}): number {
    const text = this.text(name)
    if (text === null) return fallback
    const value = /^[+-]?\d+$/.test(text) ? Number(text) : NaN
    const limit = type === 'INT' ? 2 ** 31 : 2 ** 63
    if (Number.isNaN(value) || value < -limit || value > (type === 'INT' ? limit - 1 : limit)) {
      throw this.invalid(name, text, `Not a number of type ${type}`)
    }
    if (value < min) throw this.invalid(name, text, `Value must be at least ${min}`)
    if (value > max) throw this.invalid(name, text, `Value must be no more than ${max}`)
    return value
  }

  int(name: string, fallback: number, bounds: { min?: number; max?: number } = {}): number {
    return this.number(name, fallback, { ...bounds, type: 'INT' })
  }

  boolean(name: string, fallback: boolean): boolean {
    const text = this.text(name)
    if (text === null) return fallback
    if (/^true$/i.test(text)) return true
    if (/^false$/i.test(text)) return false
    throw this.invalid(name, text, 'Expected value to be either true or false')
  }

  choice<Choice extends string>(name: string, fallback: Choice, choices: readonly Choice[]): Choice {
    const text = this.text(name)
    if (text === null) return fallback
    const found = choices.find((choice) => choice === text)
    if (found === undefined) throw this.invalid(name, text, `String must be one of: ${choices.join(', ')}`)
    return found
  }

  list(name: string): string[] {
    const text = this.text(name)
    return text === null || text === '' ? [] : text.split(',').map((item) => item.trim())
  }
}

export function invalid(name: string, value: string | null, reason: string): ConfigError {
  return new ConfigError(`Invalid value ${value} for configuration ${name}: ${reason}`)
}
