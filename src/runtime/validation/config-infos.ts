import type { ConfigValue } from '../../config/config-def.ts'
import type { Field, Width } from '../../config/fields.ts'
import { type ConfigType, valueText } from '../../config/parse-value.ts'

/** One definition as Kafka Connect's REST API shows it, with its names in its order. */
export interface ConfigKeyInfo {
  readonly name: string
  readonly type: ConfigType
  readonly required: boolean
  readonly default_value: string | null
  readonly importance: 'HIGH' | 'MEDIUM' | 'LOW'
  readonly documentation: string
  readonly group: string | null
  readonly width: Width
  readonly display_name: string
  readonly dependents: readonly string[]
  readonly order: number
}

export interface ConfigValueInfo {
  readonly name: string
  readonly value: string | null
  readonly recommended_values: readonly (string | null)[]
  readonly errors: readonly string[]
  readonly visible: boolean
}

export interface ConfigInfo {
  /** null: a setting that no definition knows. */
  readonly definition: ConfigKeyInfo | null
  readonly value: ConfigValueInfo
}

/** The answer to a validation. */
export interface ConfigInfos {
  /** `connector.class` as given. */
  readonly name: string
  readonly error_count: number
  readonly groups: readonly string[]
  readonly configs: readonly ConfigInfo[]
}

export function keyInfo(name: string, field: Field, prefix = ''): ConfigKeyInfo {
  return {
    name: prefix + name,
    type: field.type,
    required: field.default === undefined,
    default_value: valueText(field.default, field.type),
    importance: field.importance.toUpperCase() as ConfigKeyInfo['importance'],
    documentation: field.doc,
    group: field.group ?? null,
    width: field.width ?? 'NONE',
    display_name: field.displayName ?? name,
    dependents: (field.dependents ?? []).map((dependent) => prefix + dependent),
    order: field.orderInGroup ?? -1,
  }
}

/** A value with its definition, or without one. */
export function configInfo(field: Field | undefined, value: ConfigValue, prefix = ''): ConfigInfo {
  const type = field?.type ?? 'STRING'
  // Values that are recommended for a list are its elements.
  const recommended = value.recommendedValues.map((item) =>
    valueText(item, type === 'LIST' ? 'STRING' : type),
  )
  return {
    definition: field === undefined ? null : keyInfo(value.name, field, prefix),
    value: {
      name: prefix + value.name,
      value: valueText(value.value, type),
      recommended_values: recommended,
      errors: value.errors,
      visible: value.visible,
    },
  }
}

/** What is shown behind the settings of the connector: a converter's settings, or those of a Kafka client. */
export interface Section {
  readonly configs: readonly ConfigInfo[]
  readonly groups: readonly string[]
}

export const noSection: Section = { configs: [], groups: [] }

/** Each group once, in the order in which they are first seen. */
export function groupsOf(fields: Iterable<Field | undefined>): string[] {
  const groups = new Set<string>()
  for (const field of fields) if (field?.group !== undefined) groups.add(field.group)
  return [...groups]
}
