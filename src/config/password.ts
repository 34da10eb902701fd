import { inspect } from 'node:util'

/** A secret. Whatever prints it prints `[hidden]`; only `value` gives it away. */
export class Password {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
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

const hidden = '[hidden]'
