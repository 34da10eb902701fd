import type { Props } from '../../api/plugin.ts'
import type { Fields } from '../../config/config-def.ts'
import { boolean, classRef, string, type Field } from '../../config/fields.ts'
import { parseValue } from '../../config/parse-value.ts'
import type { Validator } from '../../config/validators.ts'
import { ConfigError } from '../../errors.ts'
import { embedded } from './embedded.ts'
import type { NamedClasses } from './named-classes.ts'
import { pluginVersion, publishedFields } from './plugin-config.ts'

/** The two lists of aliases whose entries have settings of their own. */
const stages = {
  transformation: { list: 'transforms', title: 'Transforms', one: 'Transformation' },
  predicate: { list: 'predicates', title: 'Predicates', one: 'Predicate' },
} as const

export type StageKind = keyof typeof stages

export const stageKinds = Object.keys(stages) as StageKind[]

/** An alias, the beginning of its settings' names, and the group that they are shown in. */
interface Place {
  readonly alias: string
  readonly prefix: string
  readonly group: string
}

/** The aliases that `transforms` or `predicates` lists, each once. */
export function stagesOf(kind: StageKind, props: Props): Place[] {
  const { list, title } = stages[kind]
  const aliases = (parseValue(list, props[list] ?? null, 'LIST') ?? []) as readonly string[]
  return [...new Set(aliases)].map((alias) => ({
    alias,
    prefix: `${list}.${alias}.`,
    group: `${title}: ${alias}`,
  }))
}

/** The definitions of all settings below `transforms.<alias>.` and `predicates.<alias>.`. */
export function stageFields(kind: StageKind, props: Props, classes: NamedClasses): Fields {
  const fields: Record<string, Field> = {}
  for (const place of stagesOf(kind, props)) {
    Object.assign(fields, fieldsOfStage(kind, { ...place, props, classes }))
  }
  return fields
}

interface Stage extends Place {
  readonly props: Props
  readonly classes: NamedClasses
}

function fieldsOfStage(kind: StageKind, stage: Stage): Fields {
  const { alias, prefix, group, props, classes } = stage
  const { one } = stages[kind]
  const typeKey = `${prefix}type`
  // Kafka makes the definition out of the text as it stands, with blanks around it.
  const plugin = classes.plugin(kind, props[typeKey])
  const common = { importance: 'high', group, width: 'LONG' } as const
  const fields: Fields = {
    [typeKey]: classRef({
      ...common,
      doc: `Class or alias of the ${one.toLowerCase()} '${alias}'.`,
      orderInGroup: 0,
      displayName: `${one} type for ${alias}`,
      validate: usableType(kind, stage),
      recommender: { validValues: () => classes.offered(kind) },
    }),
    [`${prefix}plugin.version`]: string({
      ...common,
      default: plugin === null ? null : pluginVersion(plugin),
      doc: `Version of the ${one.toLowerCase()} '${alias}'. There is one of each, which is used whatever stands here.`,
      orderInGroup: 1,
      displayName: `${one} version for ${alias}`,
      recommender: {
        validValues: (_, settings) => {
          const chosen = classes.plugin(kind, settings[typeKey] as string | null)
          return chosen === null ? [] : [pluginVersion(chosen)]
        },
      },
    }),
  }
  if (plugin === null) return fields
  // The settings of every transform hide those of its own with the same names.
  const own = { ...publishedFields(plugin), ...(kind === 'transformation' ? ofEveryTransform : {}) }
  return { ...fields, ...embedded(own, prefix, group, 2) }
}

const ofEveryTransform: Fields = {
  predicate: string({
    default: null,
    importance: 'medium',
    doc: 'Alias of the predicate that says which records go through the transformation.',
  }),
  negate: boolean({
    default: false,
    importance: 'medium',
    doc: 'Whether the records for which the predicate does not hold go through instead.',
  }),
}

function usableType(kind: StageKind, { prefix, props, classes }: Stage): Validator {
  const usable = classes.usableAs(kind)
  return {
    ...usable,
    check(key, value, type) {
      requirePredicateOfNegate(kind, prefix, props)
      usable.check(key, value, type)
    },
  }
}

function requirePredicateOfNegate(kind: StageKind, prefix: string, props: Props): void {
  const [negate, predicate] = [`${prefix}negate`, `${prefix}predicate`]
  if (kind !== 'transformation' || props[negate] === undefined || props[predicate] !== undefined) return
  throw new ConfigError(
    `Config '${negate}' was provided but there is no config '${predicate}' defining a predicate to be negated.`,
    { key: negate },
  )
}
