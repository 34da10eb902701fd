import type { Props } from '../../api/plugin.ts'
import type { SinkConnector } from '../../api/sink.ts'
import type { SourceConnector } from '../../api/source.ts'
import { type ConfigValue, type Fields, validateFields } from '../../config/config-def.ts'
import { javaHashOrder } from '../../config/java-hash-order.ts'
import { overridePolicy } from '../../config/override-policy.ts'
import { sinkTopicsProblems } from '../../config/sink-topics.ts'
import { BadRequestError, ConfigError } from '../../errors.ts'
import type { PluginRegistry } from '../../plugins/registry.ts'
import { javaTrim } from '../../util/java-trim.ts'
import { clientSection, clientsOf } from './client-section.ts'
import { type ConfigInfo, configInfo, type ConfigInfos, groupsOf } from './config-infos.ts'
import { connectorFields, namedClasses } from './connector-fields.ts'
import { converterSection } from './converter-section.ts'
import { exactlyOnceProblems } from './exactly-once.ts'
import { NamedClasses } from './named-classes.ts'
import { wrongOwnSettings } from './own-settings.ts'
import { publishedFields } from './plugin-config.ts'

/**
 * The answer to PUT /connector-plugins/{pluginName}/config/validate; `pluginName` null: to a request that names no
 * plugin. Variables in `props` and `workerProps` are resolved. Throws where Kafka Connect does not answer with a result:
 * BadRequestError when `connector.class` is another than the plugin, ConfigError when it is missing or unknown, or when
 * the override of a client's setting is not of its type.
 */
export async function validateConnector(
  registry: PluginRegistry,
  workerProps: Props,
  pluginName: string | null,
  props: Props,
): Promise<ConfigInfos> {
  if (pluginName !== null) requireClassOf(pluginName, props)
  const plugin = await connectorOf(registry, props)
  const given = { props, workerProps }
  const classes = await NamedClasses.load(registry, namedClasses(given))
  const fields = connectorFields(plugin, given, classes)
  const own = publishedFields(plugin)
  const values = validatedValues(plugin, { fields, own, props, workerProps, classes })

  const main = [...inAnswersOrder(values, { ...fields, ...own }), ...wrongOwnSettings(plugin, props, classes)]
  const policy = overridePolicy(javaTrim(workerProps['connector.client.config.override.policy'] ?? 'All'))
  const sections = [
    ...clientsOf(plugin.kind, props).map((client) => clientSection(client, props, policy)),
    ...(['header', 'key', 'value'] as const).map((role) => converterSection(role, props, classes)),
  ]
  const behind = sections.flatMap(({ configs }) => configs)
  const groups = [...groupsOf(Object.values(fields)), ...groupsOf(Object.values(own))]
  return {
    name: props['connector.class']!,
    error_count: errorsOf(main).length + behind.filter(({ value }) => value.errors.length > 0).length,
    groups: [...new Set([...groups, ...sections.flatMap((section) => section.groups)])],
    configs: [...main, ...behind],
  }
}

/** The plugin of `connector.class`. Throws ConfigError for that setting. */
export async function connectorOf(
  registry: PluginRegistry,
  props: Props,
): Promise<SourceConnector | SinkConnector> {
  const key = 'connector.class'
  const className = javaTrim(props[key] ?? '')
  if (className === '') {
    throw new ConfigError(`Connector config ${shown(props)} contains no connector type`, { key })
  }
  return registry.connector(className).catch((error: unknown) => {
    throw error instanceof ConfigError ? new ConfigError(error.message, { key }) : error
  })
}

/** Every message with the setting that it is about, in the order of the answer. */
export function errorsOf(
  configs: readonly ConfigInfo[],
): { readonly key: string; readonly message: string }[] {
  return configs.flatMap(({ value: { name, errors } }) => errors.map((message) => ({ key: name, message })))
}

function validatedValues(
  plugin: SourceConnector | SinkConnector,
  given: { fields: Fields; own: Fields; props: Props; workerProps: Props; classes: NamedClasses },
): ReadonlyMap<string, ConfigValue> {
  const { fields, own, props, workerProps, classes } = given
  const context = { findClass: (name: string) => classes.find(name) }
  const values = new Map(validateFields(fields, props, context).map((value) => [value.name, value]))
  const problems =
    plugin.kind === 'sink' ? sinkTopicsProblems(props) : exactlyOnceProblems(plugin, workerProps, props)
  for (const { key, message } of problems) values.get(key)!.errors.push(message)
  for (const [name, value] of Object.entries(props)) {
    if (value !== null) continue
    const found = values.get(name) ?? unknownValue(name)
    found.errors.push('Null value can not be supplied as the configuration value.')
    values.set(name, found)
  }
  // What the connector says about its own settings replaces all that, as in Kafka Connect.
  const ownContext = { findClass: (name: string) => ({ name }) }
  for (const value of validateFields(own, props, ownContext)) values.set(value.name, value)
  return values
}

function unknownValue(name: string): ConfigValue {
  return { name, value: null, recommendedValues: [], errors: [], visible: true }
}

/** First what nobody defines, in the order of Java's map, then the definitions. */
function inAnswersOrder(values: ReadonlyMap<string, ConfigValue>, fields: Fields): ConfigInfo[] {
  const unknown = javaHashOrder([...values.keys()]).filter((name) => !Object.hasOwn(fields, name))
  return [...unknown, ...Object.keys(fields)].map((name) => configInfo(fields[name], values.get(name)!))
}

function requireClassOf(pluginName: string, props: Props): void {
  const className = props['connector.class']
  if (className == null || withoutConnector(className).endsWith(withoutConnector(pluginName))) return
  throw new BadRequestError(`Included connector type ${className} does not match request type ${pluginName}`)
}

function withoutConnector(name: string): string {
  return name.endsWith('Connector') ? name.slice(0, -'Connector'.length) : name
}

/** Names alone: a value may be a secret. */
function shown(props: Props): string {
  const parts = Object.entries(props).map(([key, value]) => (key === 'name' ? `${key}=${value}` : key))
  return `{${parts.join(', ')}}`
}
