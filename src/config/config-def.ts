import { ConfigError } from '../errors.ts'
import type { Field } from './fields.ts'
import { javaHashOrder } from './java-hash-order.ts'
import { invalidValue, parseValue } from './parse-value.ts'

/** Settings as they come from a file or a request: null means given without a value. */
export type RawSettings = Readonly<Record<string, string | null>>

export type Fields = Readonly<Record<string, Field>>

/** The parsed settings of a definition. */
export type SettingsOf<F extends Fields> = {
  readonly [Name in keyof F]: F[Name] extends Field<infer Value> ? Value : never
}

/** What validation found out about one setting, in the terms of Kafka Connect's REST API. */
export interface ConfigValue {
  readonly name: string
  value: unknown
  recommendedValues: readonly unknown[]
  readonly errors: string[]
  visible: boolean
}

export interface ParseContext {
  /** Finds the plugin of a name or alias; without it, settings of type CLASS stay as given. */
  readonly findClass?: (name: string) => FoundClass
}

/** The full name of a class; or, when there is none, what to say beside that: a sentence, or nothing. */
export type FoundClass = { readonly name: string } | { readonly hint: string }

/** The definition of a plugin's settings: parser, type, validation and documentation at once. */
export interface ConfigDef<S = unknown> {
  /** In the order of definition. Defaults are parsed. */
  readonly fields: Fields
  /** Read when given, and kept from those who list or validate settings: what Kafka's plugin of the name does not have. */
  readonly ownFields?: Fields
  /** Settings without definition are ignored. The first problem throws ConfigError, whose `key` names it. */
  parse(settings: RawSettings, context?: ParseContext): S
  /** Every setting with all its problems; never throws. */
  validate(settings: RawSettings, context?: ParseContext): ConfigValue[]
}

/** Throws ConfigError when a default is not a valid value. */
export function configDef<const F extends Fields>(definition: F): ConfigDef<SettingsOf<F>> {
  const fields: Record<string, Field> = {}
  for (const [name, field] of Object.entries(definition)) fields[name] = withParsedDefault(name, field)
  return {
    fields,
    parse(settings, context) {
      const missing = undefinedDependents(fields)
      if (missing.length > 0) {
        throw new ConfigError(
          `Some configurations in are referred in the dependents, but not defined: ${missing.join(',')}`,
        )
      }
      const parsed = Object.create(null) as Record<string, unknown>
      for (const name of Object.keys(fields))
        parsed[name] = checkedValue(name, fields[name]!, settings, context)
      return parsed as SettingsOf<F>
    },
    validate(settings, context) {
      return validateFields(fields, settings, context)
    },
  }
}

/** One set of fields out of several. Unlike a spread, it refuses to define a setting twice. */
export function mergeFields<const All extends readonly Fields[]>(...all: All): MergedFields<All> {
  const merged: Record<string, Field> = {}
  for (const fields of all) {
    for (const [name, field] of Object.entries(fields)) {
      if (Object.hasOwn(merged, name))
        throw new ConfigError(`Configuration ${name} is defined twice.`, { key: name })
      merged[name] = field
    }
  }
  return merged as MergedFields<All>
}

type MergedFields<All extends readonly Fields[]> = All extends readonly [
  infer First extends Fields,
  ...infer Rest extends readonly Fields[],
]
  ? First & MergedFields<Rest>
  : unknown

/** Whether the setting has to be given. */
export function isRequired(field: Field): boolean {
  return field.default === undefined
}

/** The settings whose names begin with `prefix`, without it. */
export function withPrefix(settings: RawSettings, prefix: string): Record<string, string | null> {
  const found = Object.create(null) as Record<string, string | null>
  for (const name of Object.keys(settings)) {
    if (name.startsWith(prefix) && name.length > prefix.length)
      found[name.slice(prefix.length)] = settings[name]!
  }
  return found
}

function withParsedDefault(name: string, field: Field): Field {
  if (field.default === undefined) return field
  const value = parseField(name, field.default, field)
  field.validate?.check(name, value, field.type)
  return value === field.default ? field : { ...field, default: value }
}

function checkedValue(name: string, field: Field, settings: RawSettings, context?: ParseContext): unknown {
  const value = givenValue(name, field, settings, context)
  field.validate?.check(name, value, field.type)
  return value
}

function givenValue(name: string, field: Field, settings: RawSettings, context?: ParseContext): unknown {
  const given = Object.hasOwn(settings, name) ? settings[name] : undefined
  if (given !== undefined) return parseField(name, given, field, context)
  if (field.default !== undefined) return field.default
  throw new ConfigError(`Missing required configuration "${name}" which has no default value.`, { key: name })
}

function parseField(name: string, given: unknown, field: Field, context?: ParseContext): unknown {
  const value = parseValue(name, given, field.type)
  if (field.type === 'CLASS' && value !== null && context?.findClass !== undefined) {
    const found = context.findClass(value as string)
    if ('name' in found) return found.name
    const hint = found.hint === '' ? '' : ` ${found.hint}`
    throw invalidValue(name, given, `Class ${String(given)} could not be found.${hint}`)
  }
  return field.asNumber === true && typeof value === 'bigint' ? Number(value) : value
}

/** `ConfigDef.validate` of fields whose defaults are parsed already. */
export function validateFields(fields: Fields, settings: RawSettings, context?: ParseContext): ConfigValue[] {
  const parsed = Object.create(null) as Record<string, unknown>
  const results: ConfigValue[] = []
  for (const name of Object.keys(fields)) {
    const field = fields[name]!
    const result: ConfigValue = { name, value: null, recommendedValues: [], errors: [], visible: true }
    collect(result, () => (result.value = givenValue(name, field, settings, context)))
    // Kafka validates the null that a failed parse leaves behind, too.
    collect(result, () => field.validate?.check(name, result.value, field.type))
    parsed[name] = result.value
    results.push(result)
  }
  for (const name of undefinedDependents(fields)) {
    const errors = [`${name} is referred in the dependents, but not defined.`]
    results.push({ name, value: null, recommendedValues: [], errors, visible: false })
  }
  for (const result of results) {
    const recommender = fields[result.name]?.recommender
    if (recommender === undefined) continue
    collect(result, () => {
      result.recommendedValues = recommender.validValues(result.name, parsed)
      result.visible = recommender.visible?.(result.name, parsed) ?? true
    })
  }
  return results
}

function undefinedDependents(fields: Fields): string[] {
  const named = new Set(Object.values(fields).flatMap(({ dependents = [] }) => dependents))
  return javaHashOrder([...named].filter((name) => !Object.hasOwn(fields, name)))
}

function collect(result: ConfigValue, step: () => unknown): void {
  try {
    step()
  } catch (thrown) {
    result.errors.push(thrown instanceof Error ? thrown.message : String(thrown))
  }
}
