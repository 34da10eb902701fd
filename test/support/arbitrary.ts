import {
  type Schema,
  SchemaBuilder,
  Decimal,
  Struct,
  dateBuilder,
  decimalBuilder,
  scaleOf,
  timeBuilder,
  timestampBuilder,
} from '../../src/index.ts'

/** Reproducible chance: the same seed gives the same values. */
export class Arbitrary {
  readonly seed: number
  #state: number

  constructor(seed: number) {
    this.seed = seed
    this.#state = seed >>> 0
  }

  /** From 0 up to 1, by mulberry32. */
  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  below(bound: number): number {
    return Math.floor(this.fraction() * bound)
  }

  chance(part: number): boolean {
    return this.fraction() < part
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!
  }

  times<T>(max: number, make: (index: number) => T): T[] {
    return Array.from({ length: this.below(max + 1) }, (_, index) => make(index))
  }

  bytes(max = 40): Buffer {
    return Buffer.from(this.times(max, () => this.below(256)))
  }

  /** Integers of `bits` bits, those at the bounds more often than others. Beyond 2^53 they are bigints. */
  integer(bits: number): number | bigint {
    const bound = 1n << BigInt(bits - 1)
    const edges = [0n, 1n, -1n, bound - 1n, -bound, 2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n) - 1n]
    let value = (BigInt(this.below(2 ** 32)) << 32n) | BigInt(this.below(2 ** 32))
    if (this.chance(0.3)) value = this.pick(edges)
    else if (this.chance(0.5)) value >>= BigInt(this.below(60))
    value = BigInt.asIntN(bits, value)
    return Number.isSafeInteger(Number(value)) ? Number(value) : value
  }

  double(): number {
    const edges = [0, -0, NaN, Infinity, -Infinity, 5e-324, Number.MAX_VALUE, 1e10, 1e-5, 100, 0.1, 2 ** 53]
    if (this.chance(0.3)) return this.pick(edges)
    if (this.chance(0.5)) return (this.below(2_000_001) - 1_000_000) / 1000
    const bytes = Buffer.alloc(8)
    bytes.writeUInt32BE(this.below(2 ** 32))
    bytes.writeUInt32BE(this.below(2 ** 32), 4)
    return bytes.readDoubleBE()
  }

  text(): string {
    if (this.chance(0.2)) return this.pick(oddTexts)
    return this.times(12, () => this.#char()).join('')
  }

  /** The name of a field: not empty. */
  name(): string {
    return this.chance(0.4) ? this.pick(oddNames) : `${this.#char()}${this.text()}`
  }

  #char(): string {
    if (this.chance(0.7)) return String.fromCharCode(0x61 + this.below(26))
    if (this.chance(0.5)) return String.fromCharCode(this.below(0x80))
    return this.chance(0.7)
      ? String.fromCharCode(this.below(0x10000))
      : String.fromCodePoint(0x10000 + this.below(0x10000))
  }

  /**
   * Any schema that JsonConverter can write and read: struct schemas have no default, since Kafka Connect cannot read
   * one back, and maps with string keys have no null among them.
   */
  schema(depth = 3): Schema {
    const builder = this.#builder(depth)
    if (this.chance(0.5)) builder.optional()
    if (this.chance(0.2)) builder.doc(this.text())
    const isLogical = builder.build().name !== null
    if (!isLogical && this.chance(0.2)) builder.name(this.text()).version(this.below(100))
    if (this.chance(0.15))
      for (const name of this.times(3, () => this.name())) builder.parameter(name, this.text())
    const schema = builder.build()
    if (schema.type !== 'STRUCT' && this.chance(0.2)) builder.default(this.tameValue(schema))
    return builder.build()
  }

  #builder(depth: number): SchemaBuilder {
    if (depth > 0 && this.chance(0.5)) {
      switch (this.below(4)) {
        case 0:
          return SchemaBuilder.array(this.schema(depth - 1))
        case 1:
          return SchemaBuilder.map(new SchemaBuilder('STRING').build(), this.schema(depth - 1))
        case 2:
          return SchemaBuilder.map(this.#keySchema(depth - 1), this.schema(depth - 1))
        default: {
          const builder = SchemaBuilder.struct()
          const names = new Set(this.times(6, () => this.name()))
          for (const name of names) builder.field(name, this.schema(depth - 1))
          return builder
        }
      }
    }
    const logical = [() => decimalBuilder(this.below(20) - 4), dateBuilder, timeBuilder, timestampBuilder]
    return this.chance(0.25) ? this.pick(logical)() : new SchemaBuilder(this.pick(scalarTypes))
  }

  #keySchema(depth: number): Schema {
    for (;;) {
      const schema = this.schema(depth)
      if (schema.type !== 'STRING') return schema
    }
  }

  /** Any value that fits the schema. */
  value(schema: Schema): unknown {
    return this.#orDefault(schema, false)
  }

  /** A value without what JSON loses: numbers that are none, negative zeros, nulls that become a default. */
  tameValue(schema: Schema): unknown {
    return this.#value(schema, true)
  }

  /** A whole value or field may be null for its default, even where it is required. */
  #orDefault(schema: Schema, isTame: boolean): unknown {
    if (!isTame && schema.default !== undefined && this.chance(0.2)) return null
    return this.#value(schema, isTame)
  }

  #value(schema: Schema, isTame: boolean): unknown {
    const becomesDefault = isTame && schema.default !== undefined
    if (schema.optional && !becomesDefault && this.chance(0.2)) return null
    return this.#logicalValue(schema) ?? this.#plainValue(schema, isTame)
  }

  #logicalValue(schema: Schema): unknown {
    switch (schema.name) {
      case 'org.apache.kafka.connect.data.Decimal': {
        const digits = this.integer(64)
        const unscaled = this.chance(0.2) ? BigInt(digits) ** 3n : BigInt(digits)
        return new Decimal(unscaled, scaleOf(schema))
      }
      case 'org.apache.kafka.connect.data.Date':
        return Number(this.integer(32)) * 86_400_000 + 0
      case 'org.apache.kafka.connect.data.Time':
        return this.below(86_400_001)
      case 'org.apache.kafka.connect.data.Timestamp':
        return this.integer(64)
      default:
        return undefined
    }
  }

  #plainValue(schema: Schema, isTame: boolean): unknown {
    switch (schema.type) {
      case 'INT8':
        return this.integer(8)
      case 'INT16':
        return this.integer(16)
      case 'INT32':
        return this.integer(32)
      case 'INT64':
        return this.integer(64)
      case 'FLOAT32':
        return this.#float(Math.fround(this.double()), isTame)
      case 'FLOAT64':
        return this.#float(this.double(), isTame)
      case 'BOOLEAN':
        return this.chance(0.5)
      case 'STRING':
        return this.text()
      case 'BYTES':
        return this.bytes()
      case 'ARRAY':
        return this.times(4, () => this.#value(schema.valueSchema!, isTame))
      case 'MAP':
        return this.#map(schema, isTame)
      case 'STRUCT': {
        const struct = new Struct(schema)
        for (const field of schema.fields) {
          const value = this.#orDefault(field.schema, isTame)
          if (value !== null || field.schema.optional) struct.put(field, value)
        }
        return struct
      }
    }
  }

  #float(value: number, isTame: boolean): number {
    return isTame && (!Number.isFinite(value) || value === 0) ? 1.5 : value
  }

  #map({ keySchema, valueSchema }: Schema, isTame: boolean): object {
    const entries = this.times(4, () => {
      const key = keySchema!.type === 'STRING' ? this.name() : this.tameValue(keySchema!)
      return [key, this.#value(valueSchema!, isTame)] as const
    })
    if (keySchema!.type !== 'STRING' || this.chance(0.3)) return new Map(entries)
    const map = Object.create(null) as Record<string, unknown>
    for (const [key, value] of entries) map[key as string] = value
    return map
  }
}

const scalarTypes = [
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FLOAT32',
  'FLOAT64',
  'BOOLEAN',
  'STRING',
  'BYTES',
] as const

const oddTexts = [
  '',
  ' ',
  '\0',
  '"',
  '\\',
  '\\"',
  '/',
  '\u2028',
  '\ufeff',
  '\ufffd',
  '\uffff',
  '\ud800',
  '\udc00\ud800',
  '😀',
  'é',
  'null',
  'NaN',
  '{"schema":null,"payload":1}',
  'x'.repeat(5000),
]

const oddNames = [
  '__proto__',
  'constructor',
  'prototype',
  'hasOwnProperty',
  'toString',
  'valueOf',
  'schema',
  'payload',
  'fields',
  '0',
  '10',
  ' ',
  '\0',
  '"',
  '\\',
  'a.b',
  'é',
  '😀',
  '\ud83d',
]

/**
 * Runs `body` with many seeds and names the seed of the first failure: TSCONNECT_TEST_SEED=seed runs that one alone.
 * `first` is where the seeds begin.
 */
export function forSeeds(count: number, body: (arbitrary: Arbitrary) => void, first = 1): void {
  const only = process.env['TSCONNECT_TEST_SEED']
  const [from, runs] = only === undefined ? [first, count] : [Number(only), 1]
  for (let seed = from; seed < from + runs; seed++) {
    try {
      body(new Arbitrary(seed))
    } catch (cause) {
      const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
      throw new Error(`With TSCONNECT_TEST_SEED=${seed}: ${reason}`, { cause })
    }
  }
}
