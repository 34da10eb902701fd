import { DataError } from '../errors.ts'

export type SchemaType =
  | 'INT8'
  | 'INT16'
  | 'INT32'
  | 'INT64'
  | 'FLOAT32'
  | 'FLOAT64'
  | 'BOOLEAN'
  | 'STRING'
  | 'BYTES'
  | 'ARRAY'
  | 'MAP'
  | 'STRUCT'

export interface Field {
  readonly name: string
  readonly index: number
  readonly schema: Schema
}

export interface SchemaParts {
  readonly type: SchemaType
  readonly optional?: boolean
  readonly default?: unknown
  readonly name?: string | null
  readonly version?: number | null
  readonly doc?: string | null
  readonly parameters?: Readonly<Record<string, string>> | null
  readonly fields?: readonly Field[]
  readonly keySchema?: Schema | null
  readonly valueSchema?: Schema | null
}

/**
 * What a value is: Connect's `ConnectSchema`. Immutable; made by a SchemaBuilder. `default` is undefined where
 * there is none. Values by type: integers are `number` while safe and `bigint` beyond; BYTES are Buffers; ARRAY
 * is an array; MAP is a plain object when its keys are strings, else a `Map`; STRUCT is a Struct; Date, Time
 * and Timestamp are epoch milliseconds; Decimal is a Decimal.
 */
export class Schema {
  static readonly INT8 = new Schema({ type: 'INT8' })
  static readonly INT16 = new Schema({ type: 'INT16' })
  static readonly INT32 = new Schema({ type: 'INT32' })
  static readonly INT64 = new Schema({ type: 'INT64' })
  static readonly FLOAT32 = new Schema({ type: 'FLOAT32' })
  static readonly FLOAT64 = new Schema({ type: 'FLOAT64' })
  static readonly BOOLEAN = new Schema({ type: 'BOOLEAN' })
  static readonly STRING = new Schema({ type: 'STRING' })
  static readonly BYTES = new Schema({ type: 'BYTES' })
  static readonly OPTIONAL_INT8 = new Schema({ type: 'INT8', optional: true })
  static readonly OPTIONAL_INT16 = new Schema({ type: 'INT16', optional: true })
  static readonly OPTIONAL_INT32 = new Schema({ type: 'INT32', optional: true })
  static readonly OPTIONAL_INT64 = new Schema({ type: 'INT64', optional: true })
  static readonly OPTIONAL_FLOAT32 = new Schema({ type: 'FLOAT32', optional: true })
  static readonly OPTIONAL_FLOAT64 = new Schema({ type: 'FLOAT64', optional: true })
  static readonly OPTIONAL_BOOLEAN = new Schema({ type: 'BOOLEAN', optional: true })
  static readonly OPTIONAL_STRING = new Schema({ type: 'STRING', optional: true })
  static readonly OPTIONAL_BYTES = new Schema({ type: 'BYTES', optional: true })

  readonly type: SchemaType
  readonly optional: boolean
  readonly default: unknown
  readonly name: string | null
  readonly version: number | null
  readonly doc: string | null
  readonly parameters: Readonly<Record<string, string>> | null
  readonly #fields: readonly Field[]
  readonly #byName: ReadonlyMap<string, Field>
  readonly #keySchema: Schema | null
  readonly #valueSchema: Schema | null

  constructor(parts: SchemaParts) {
    this.type = parts.type
    this.optional = parts.optional ?? false
    this.default = parts.default ?? undefined
    this.name = parts.name ?? null
    this.version = parts.version ?? null
    this.doc = parts.doc ?? null
    this.parameters = parts.parameters ?? null
    this.#fields = parts.fields ?? []
    this.#byName = new Map(this.#fields.map((field) => [field.name, field]))
    this.#keySchema = parts.keySchema ?? null
    this.#valueSchema = parts.valueSchema ?? null
  }

  get fields(): readonly Field[] {
    if (this.type !== 'STRUCT') throw new DataError('Cannot list fields on non-struct type')
    return this.#fields
  }

  field(name: string): Field | undefined {
    if (this.type !== 'STRUCT') throw new DataError('Cannot look up fields on non-struct type')
    return this.#byName.get(name)
  }

  /** null only in the containers that string inference makes. */
  get keySchema(): Schema | null {
    if (this.type !== 'MAP') throw new DataError('Cannot look up key schema on non-map type')
    return this.#keySchema
  }

  /** null only in the containers that string inference makes. */
  get valueSchema(): Schema | null {
    if (this.type !== 'MAP' && this.type !== 'ARRAY') {
      throw new DataError('Cannot look up value schema on non-array and non-map type')
    }
    return this.#valueSchema
  }

  /** The parts, for a schema that differs in some of them. */
  parts(): SchemaParts {
    return {
      type: this.type,
      optional: this.optional,
      default: this.default,
      name: this.name,
      version: this.version,
      doc: this.doc,
      parameters: this.parameters,
      fields: this.#fields,
      keySchema: this.#keySchema,
      valueSchema: this.#valueSchema,
    }
  }

  toString(): string {
    return this.name === null ? `Schema{${this.type}}` : `Schema{${this.name}:${this.type}}`
  }
}
