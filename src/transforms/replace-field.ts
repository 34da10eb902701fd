/**
 * ReplaceField keeps, drops and renames fields of the key or value.
 *
 * Same settings and results as org.apache.kafka.connect.transforms.ReplaceField.
 */
import {
  configDef,
  DataError,
  keyAndValue,
  list,
  rule,
  Struct,
  type PartTransform,
  type Schema,
} from '../index.ts'
import { javaSplit } from './java-split.ts'
import { setMember } from './maps.ts'
import { planCache } from './plan-cache.ts'
import { requireMap, requireStruct } from './requirements.ts'
import { move, movedAll, replaceNullWithDefault, withFields, type Move } from './struct-fields.ts'

const purpose = 'field replacement'

const validRenames = rule(
  'list of colon-delimited pairs, e.g. foo:bar,abc:xyz',
  (mappings: readonly string[] | null) => {
    const bad = mappings?.find((mapping) => javaSplit(mapping, ':').length !== 2)
    return bad === undefined ? null : `Invalid rename mapping: ${bad}`
  },
)

export const replaceField = keyAndValue({
  name: 'org.apache.kafka.connect.transforms.ReplaceField',
  doc: 'Leaves fields out, keeps only some, or gives them other names.',
  isUniform: true,
  config: configDef({
    'exclude': list({
      importance: 'medium',
      default: [],
      doc: 'Fields to leave out, even if include names them.',
    }),
    'include': list({
      importance: 'medium',
      default: [],
      doc: 'The only fields to keep; empty keeps all.',
    }),
    'renames': list({
      importance: 'medium',
      default: [],
      validate: validRenames,
      doc: 'New names, old:new.',
    }),
    'replace.null.with.default': replaceNullWithDefault,
  }),
  create({ exclude, include, renames, 'replace.null.with.default': replaceNulls }): PartTransform {
    const rules = new Rules(exclude, include, renames)
    const plans = planCache((schema) => planFor(schema, rules))

    return (part) => {
      if (part.value === null || part.value === undefined) return part
      if (part.schema === null) return { schema: null, value: replaceMembers(part.value, rules) }
      const struct = requireStruct(part, purpose)
      const { schema, moves } = plans(struct.schema)
      return { schema, value: Struct.adopt(schema, movedAll(struct, moves, replaceNulls)) }
    }
  },
})

class Rules {
  readonly #excluded: ReadonlySet<string>
  readonly #included: ReadonlySet<string>
  readonly #newNames: ReadonlyMap<string, string>
  readonly #oldNames: ReadonlyMap<string, string>

  constructor(exclude: readonly string[], include: readonly string[], renames: readonly string[]) {
    this.#excluded = new Set(exclude)
    this.#included = new Set(include)
    this.#newNames = new Map(renames.map((mapping) => javaSplit(mapping, ':') as [string, string]))
    this.#oldNames = new Map(Array.from(this.#newNames, ([from, to]) => [to, from]))
  }

  keeps(name: string): boolean {
    return !this.#excluded.has(name) && (this.#included.size === 0 || this.#included.has(name))
  }

  newName(name: string): string {
    return this.#newNames.get(name) ?? name
  }

  /** Where the value of a renamed field comes from; any other that goes by a new name is taken for one. */
  oldName(name: string): string {
    return this.#oldNames.get(name) ?? name
  }
}

function replaceMembers(value: unknown, rules: Rules): object {
  const map = requireMap(value, purpose)
  const replaced = {}
  for (const name of Object.keys(map)) {
    if (rules.keeps(name)) setMember(replaced, rules.newName(name), map[name])
  }
  return replaced
}

function planFor(from: Schema, rules: Rules): { schema: Schema; moves: readonly Move[] } {
  const kept = from.fields.filter(({ name }) => rules.keeps(name))
  const schema = withFields(
    from,
    kept.map((field) => ({ name: rules.newName(field.name), schema: field.schema })),
  )
  const moves = schema.fields.map((to) => {
    const name = rules.oldName(to.name)
    const source = from.field(name)
    if (source === undefined) throw new DataError(`${name} is not a valid field name`)
    return move(source, to)
  })
  return { schema, moves }
}
