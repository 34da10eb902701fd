import type { ConverterPlugin } from '../../api/converter.ts'
import type { SinkConnector } from '../../api/sink.ts'
import type { SourceConnector } from '../../api/source.ts'
import type { PredicatePlugin, TransformPlugin } from '../../api/transform.ts'
import type { Fields } from '../../config/config-def.ts'
import { sinkConnectorConfig, sourceConnectorConfig } from '../../config/connector-config.ts'
import { string } from '../../config/fields.ts'
import { version } from '../../util/version.ts'
import { type ConfigKeyInfo, keyInfo } from './config-infos.ts'

/* eslint-disable @typescript-eslint/no-explicit-any -- only the plugin itself knows what its settings are parsed to */
export type AnyPlugin =
  | SourceConnector<any>
  | SinkConnector<any>
  | ConverterPlugin<any>
  | TransformPlugin<any>
  | PredicatePlugin<any>
/* eslint-enable @typescript-eslint/no-explicit-any */

/**
 * The definitions of a plugin's settings, for GET /connector-plugins/{plugin}/config: its own in its order, then,
 * for connectors, those of every connector that it does not define itself.
 */
export function pluginConfig(plugin: AnyPlugin): ConfigKeyInfo[] {
  const own = publishedFields(plugin)
  return Object.entries({ ...own, ...withoutThose(frameworkFields(plugin), own) }).map(([name, field]) =>
    keyInfo(name, field),
  )
}

/** The settings that Kafka's plugin of the name has, or all that a plugin defines. */
export function publishedFields(plugin: AnyPlugin): Fields {
  if (plugin.kind !== 'converter' || plugin.roles.every((role) => role === 'header'))
    return plugin.config.fields
  return { 'converter.type': converterType, ...plugin.config.fields }
}

export function pluginVersion(plugin: AnyPlugin): string {
  return plugin.version ?? version
}

/** Converters are told what they convert; nobody has to set it. */
const converterType = string({
  importance: 'low',
  doc: 'What the converter is used for: key, value or header. Set by the worker.',
})

function frameworkFields(plugin: AnyPlugin): Fields {
  if (plugin.kind !== 'source' && plugin.kind !== 'sink') return {}
  const { fields } = plugin.kind === 'source' ? sourceConnectorConfig : sinkConnectorConfig
  const own = fields['connector.plugin.version']!
  return { ...fields, 'connector.plugin.version': { ...own, default: pluginVersion(plugin) } }
}

function withoutThose(fields: Fields, others: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !Object.hasOwn(others, name)))
}
