import { inspect } from 'node:util'
import { dateText } from './java-calendar.ts'
import { doubleText, floatText } from './java-numbers.ts'

/**
 * Values that JavaScript cannot tell from others. With a schema a plain number is what the schema says;
 * without one a plain number is an int64 if integral and a float64 otherwise, and every other Java type is
 * one of these, so that a double 10 goes out as `10.0`.
 */
abstract class Wrapper {
  /** Java's class, as messages name it. */
  abstract readonly javaClass: string
  readonly value: number

  constructor(value: number) {
    this.value = value
    Object.freeze(this)
  }

  valueOf(): number {
    return this.value
  }

  toJSON(): number {
    return this.value
  }

  toString(): string {
    return String(this.value)
  }

  [inspect.custom](): string {
    return `${this.constructor.name}(${this.toString()})`
  }
}

export class Int8 extends Wrapper {
  get javaClass() {
    return 'java.lang.Byte'
  }
}

export class Int16 extends Wrapper {
  get javaClass() {
    return 'java.lang.Short'
  }
}

export class Int32 extends Wrapper {
  get javaClass() {
    return 'java.lang.Integer'
  }
}

export class Float32 extends Wrapper {
  get javaClass() {
    return 'java.lang.Float'
  }

  override toString(): string {
    return floatText(this.value)
  }
}

export class Float64 extends Wrapper {
  get javaClass() {
    return 'java.lang.Double'
  }

  override toString(): string {
    return doubleText(this.value)
  }
}

/** A moment without a schema that says which of Connect's temporal types it is: `java.util.Date`. */
export class Instant extends Wrapper {
  get javaClass() {
    return 'java.util.Date'
  }

  /** `Thu Jan 01 00:00:00 UTC 1970` */
  override toString(): string {
    return dateText(this.value)
  }
}
