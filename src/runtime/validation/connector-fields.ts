import type { ConverterRole } from '../../api/converter.ts'
import type { Props } from '../../api/plugin.ts'
import type { SinkConnector } from '../../api/sink.ts'
import type { SourceConnector } from '../../api/source.ts'
import type { Fields } from '../../config/config-def.ts'
import { sinkConnectorConfig, sourceConnectorConfig } from '../../config/connector-config.ts'
import type { Field } from '../../config/fields.ts'
import { workerConfig } from '../../config/worker-config.ts'
import { javaTrim } from '../../util/java-trim.ts'
import type { NamedClasses, NamedKind } from './named-classes.ts'
import { pluginVersion } from './plugin-config.ts'
import { stageFields, stageKinds, stagesOf } from './stage-fields.ts'

const converterRoles: readonly ConverterRole[] = ['key', 'value', 'header']

/** What a connector's settings are read with. */
export interface Given {
  /** Variables resolved. */
  readonly props: Props
  readonly workerProps: Props
}

/** Every class that the settings name, as given and without blanks. */
export function namedClasses({ props, workerProps }: Given): { kind: NamedKind; name: string }[] {
  const converters = converterRoles.flatMap((role) => {
    const key = `${role}.converter`
    return [props[key], workersConverter(role, workerProps)].map((name) => ({ kind: kindOf(role), name }))
  })
  const stages = stageKinds.flatMap((kind) =>
    stagesOf(kind, props).map(({ prefix }) => ({ kind, name: props[`${prefix}type`] })),
  )
  return [...converters, ...stages].flatMap(({ kind, name }) =>
    name == null ? [] : [name, javaTrim(name)].map((each) => ({ kind, name: each })),
  )
}

/**
 * The definitions of what every connector of a kind may set, with the defaults that the worker gives and the settings
 * of the transforms and predicates that are named.
 */
export function connectorFields(
  plugin: SourceConnector | SinkConnector,
  given: Given,
  classes: NamedClasses,
): Fields {
  const { fields } = plugin.kind === 'source' ? sourceConnectorConfig : sinkConnectorConfig
  const version = pluginVersion(plugin)
  return {
    ...fields,
    'connector.plugin.version': {
      ...fields['connector.plugin.version'],
      default: version,
      recommender: { validValues: () => [version] },
    },
    ...Object.assign({}, ...converterRoles.map((role) => converterFields(role, fields, given, classes))),
    ...Object.assign({}, ...stageKinds.map((kind) => stageFields(kind, given.props, classes))),
  }
}

export function kindOf(role: ConverterRole): 'converter' | 'header_converter' {
  return role === 'header' ? 'header_converter' : 'converter'
}

function converterFields(
  role: ConverterRole,
  fields: Readonly<Record<string, Field>>,
  { props, workerProps }: Given,
  classes: NamedClasses,
): Fields {
  const key = `${role}.converter`
  const versionKey = `${key}.plugin.version`
  const kind = kindOf(role)
  const workers = classes.plugin(kind, workersConverter(role, workerProps))
  const given = props[key]
  const used = given == null ? workers : classes.plugin(kind, given)
  return {
    [key]: {
      ...fields[key]!,
      default: workers?.name ?? null,
      validate: classes.usableAs(kind),
      recommender: { validValues: () => classes.offered(kind) },
    },
    [versionKey]: {
      ...fields[versionKey]!,
      default: used === null ? null : pluginVersion(used),
      recommender: {
        validValues: (_, settings) => {
          const chosen = classes.plugin(kind, settings[key] as string | null)
          return chosen === null ? [] : [pluginVersion(chosen)]
        },
        visible: (_, settings) => settings[key] !== null,
      },
    },
  }
}

function workersConverter(role: ConverterRole, workerProps: Props): string | null {
  const key = `${role}.converter`
  const byDefault = workerConfig.fields[key]?.default as string | undefined
  return javaTrim(workerProps[key] ?? '') || (byDefault ?? null)
}
