import {
  ConnectError,
  SchemaBuilder,
  Struct,
  equalSchemas,
  type Schema,
  type SchemaAndValue,
} from '../../index.ts'
import { checked } from '../struct-fields.ts'
import type { AdditionalColumn } from './event-router-settings.ts'

/** How many schemas are remembered. */
const maxKnown = 100

/** The struct of a payload and further columns that an event becomes. */
export class OutboxEnvelope {
  readonly #columns: readonly AdditionalColumn[]
  readonly #ignoresMissing: boolean
  readonly #versionColumn: string | null
  readonly #known: Known[] = []

  private constructor(
    columns: readonly AdditionalColumn[],
    ignoresMissing: boolean,
    versionColumn: string | null,
  ) {
    this.#columns = columns
    this.#ignoresMissing = ignoresMissing
    this.#versionColumn = versionColumn
  }

  /** Null where no column goes into the envelope: there is none then. */
  static for(
    columns: readonly AdditionalColumn[],
    ignoresMissing: boolean,
    versionColumn: string | null,
  ): OutboxEnvelope | null {
    const inEnvelope = columns.filter(({ placement }) => placement === 'envelope')
    return inEnvelope.length === 0 ? null : new OutboxEnvelope(inEnvelope, ignoresMissing, versionColumn)
  }

  wrap(payload: SchemaAndValue, event: Struct, destination: string): SchemaAndValue {
    const version = this.#versionColumn === null ? null : event.getInt32(this.#versionColumn)
    const schema = this.#schemaFor({ event: event.schema, payload: payload.schema!, destination, version })
    const values = [checked(schema.fields[0]!, payload.value)]
    for (const { column } of this.#columns) {
      const field = event.schema.field(column)
      if (field !== undefined) values.push(event.get(field))
    }
    return { schema, value: Struct.adopt(schema, values) }
  }

  #schemaFor(kind: Kind): Schema {
    const known = this.#known.findLast((other) => isSame(other, kind))
    if (known !== undefined) return known.schema
    const schema = this.#build(kind)
    if (this.#known.length >= maxKnown) this.#known.shift()
    this.#known.push({ ...kind, schema })
    return schema
  }

  #build({ event, payload, destination, version }: Kind): Schema {
    const builder = SchemaBuilder.struct()
      .name(nameOf(event, destination))
      .version(version)
      .field('payload', payload)
    for (const { column, name } of this.#columns) {
      const field = event.field(column)
      if (field !== undefined) builder.field(name, field.schema)
      else if (!this.#ignoresMissing) throw new ConnectError(`Unable to find field ${column} in event`)
    }
    return builder.build()
  }
}

/** What the schema depends on. */
interface Kind {
  readonly event: Schema
  readonly payload: Schema
  readonly destination: string
  readonly version: number | null
}

interface Known extends Kind {
  readonly schema: Schema
}

function isSame(a: Kind, b: Kind): boolean {
  return (
    a.destination === b.destination &&
    a.version === b.version &&
    equalSchemas(a.payload, b.payload) &&
    equalSchemas(a.event, b.event)
  )
}

/** `srv.shop.outbox.Value` is `srv.shop.outbox.order.Value` for the events about orders. */
function nameOf({ name }: Schema, destination: string): string {
  if (name === null) return destination
  const end = name.lastIndexOf('.') + 1
  return `${name.slice(0, end)}${destination}.${name.slice(end)}`
}
