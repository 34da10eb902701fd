import { SchemaBuilderError } from '../errors.ts'
import { type Field, Schema, type SchemaType } from './schema.ts'
import { validateValue } from './validate.ts'

/**
 * Builds a Schema step by step, with the rules of Connect's SchemaBuilder: every attribute once, a default
 * that fits what is known so far, fields on structs only.
 */
export class SchemaBuilder {
  readonly #type: SchemaType
  readonly #fields = new Map<string, Field>()
  readonly #keySchema: Schema | null
  readonly #valueSchema: Schema | null
  #optional: boolean | undefined
  #default: unknown
  #name: string | null = null
  #version: number | null = null
  #doc: string | null = null
  #parameters: Record<string, string> | null = null

  constructor(type: SchemaType, keySchema: Schema | null = null, valueSchema: Schema | null = null) {
    this.#type = type
    this.#keySchema = keySchema
    this.#valueSchema = valueSchema
  }

  static struct(): SchemaBuilder {
    return new SchemaBuilder('STRUCT')
  }

  static array(valueSchema: Schema): SchemaBuilder {
    if (valueSchema === null) throw new SchemaBuilderError('valueSchema cannot be null.')
    return new SchemaBuilder('ARRAY', null, valueSchema)
  }

  static map(keySchema: Schema, valueSchema: Schema): SchemaBuilder {
    if (keySchema === null) throw new SchemaBuilderError('keySchema cannot be null.')
    if (valueSchema === null) throw new SchemaBuilderError('valueSchema cannot be null.')
    return new SchemaBuilder('MAP', keySchema, valueSchema)
  }

  optional(): this {
    return this.#setOptional(true)
  }

  required(): this {
    return this.#setOptional(false)
  }

  default(value: unknown): this {
    if (this.#default !== undefined && this.#default !== value) throw alreadySet('default')
    try {
      validateValue(this.build(), value)
    } catch (cause) {
      throw new SchemaBuilderError('Invalid default value', { cause })
    }
    this.#default = value ?? undefined
    return this
  }

  name(name: string | null): this {
    if (this.#name !== null && this.#name !== name) throw alreadySet('name')
    this.#name = name
    return this
  }

  version(version: number | null): this {
    if (this.#version !== null && this.#version !== version) throw alreadySet('version')
    this.#version = version
    return this
  }

  doc(doc: string | null): this {
    if (this.#doc !== null && this.#doc !== doc) throw alreadySet('doc')
    this.#doc = doc
    return this
  }

  parameter(name: string, value: string): this {
    this.#parameters = { ...this.#parameters, [name]: value }
    return this
  }

  parameters(parameters: Readonly<Record<string, string>>): this {
    for (const [name, value] of Object.entries(parameters)) this.parameter(name, value)
    return this
  }

  field(name: string, schema: Schema): this {
    if (this.#type !== 'STRUCT') throw new SchemaBuilderError(`Cannot create fields on type ${this.#type}`)
    if (!name) throw new SchemaBuilderError('fieldName cannot be null.')
    if (!schema) throw new SchemaBuilderError(`fieldSchema for field ${name} cannot be null.`)
    if (this.#fields.has(name)) {
      throw new SchemaBuilderError(`Cannot create field because of field name duplication ${name}`)
    }
    this.#fields.set(name, { name, index: this.#fields.size, schema })
    return this
  }

  build(): Schema {
    return new Schema({
      type: this.#type,
      optional: this.#optional ?? false,
      default: this.#default,
      name: this.#name,
      version: this.#version,
      doc: this.#doc,
      parameters: this.#parameters,
      fields: [...this.#fields.values()],
      keySchema: this.#keySchema,
      valueSchema: this.#valueSchema,
    })
  }

  #setOptional(optional: boolean): this {
    if (this.#optional !== undefined && this.#optional !== optional) throw alreadySet('optional')
    this.#optional = optional
    return this
  }
}

function alreadySet(attribute: string): SchemaBuilderError {
  return new SchemaBuilderError(`Invalid SchemaBuilder call: ${attribute} has already been set.`)
}
