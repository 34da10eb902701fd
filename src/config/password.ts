import { inspect } from 'node:util'
import { hidden, secrets } from '../util/secrets.ts'

/**
 * A secret. Whatever prints it prints `[hidden]`; only `value` gives it away, and even that is hidden in logs, REST
 * errors and traces.
 */
export class Password {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
    secrets.add(value)
  }

  get value(): string {
    return this.#value
  }

  equals(other: unknown): boolean {
    return other instanceof Password && other.value === this.#value
  }

  toString(): string {
    return hidden
  }

  toJSON(): string {
    return hidden
  }

  [inspect.custom](): string {
    return hidden
  }
}
