import type { Props } from '../api/plugin.ts'
import type { SinkConnector } from '../api/sink.ts'
import type { SourceConnector } from '../api/source.ts'
import type { ConfigValue } from '../config/config-def.ts'
import {
  type CommonSettings,
  sinkConnectorConfig,
  sourceConnectorConfig,
} from '../config/connector-config.ts'
import { overridePolicy, overrideProblems } from '../config/override-policy.ts'
import { sinkTopicsProblems } from '../config/sink-topics.ts'
import { invalidValue } from '../config/parse-value.ts'
import { ConfigError, toError } from '../errors.ts'
import type { PluginRegistry } from '../plugins/registry.ts'
import { chooseConverters } from './converters.ts'
import { buildChain } from './transformation-chain.ts'
import { silentLogger } from '../util/logger.ts'

export interface ConnectorSettings {
  readonly common: CommonSettings
  /** The connector's own, as its definition parsed them. */
  readonly own: unknown
}

export interface Problem {
  /** The setting to blame. */
  readonly key: string
  readonly message: string
}

/** Settings that a connector cannot be made of, with every problem found. */
export class InvalidConnectorError extends ConfigError {
  override name = 'InvalidConnectorError'
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    super(
      `Connector configuration is invalid and contains the following ${problems.length} error(s):\n` +
        `${problems.map(({ message }) => message).join('\n')}\n` +
        'You can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`',
    )
    this.problems = problems
  }
}

/**
 * Checks all settings of a connector (variables resolved) and finds its plugin. Throws InvalidConnectorError
 * with every problem, or ConfigError when it cannot be known what connector it is.
 */
export async function readConnectorSettings(
  props: Props,
  { plugins, workerProps }: { readonly plugins: PluginRegistry; readonly workerProps: Props },
): Promise<{ plugin: SourceConnector | SinkConnector; settings: ConnectorSettings }> {
  const className = props['connector.class']?.trim()
  if (!className) {
    throw new ConfigError(`Connector config ${shown(props)} contains no connector type`, {
      key: 'connector.class',
    })
  }
  const plugin = await plugins.connector(className).catch((error: unknown) => {
    throw error instanceof ConfigError ? new ConfigError(error.message, { key: 'connector.class' }) : error
  })
  const definition = plugin.kind === 'source' ? sourceConnectorConfig : sinkConnectorConfig
  const problems = [
    ...problemsOf(definition.validate(props)),
    ...(plugin.kind === 'sink' ? topicsProblems(props) : []),
    ...problemsOf(plugin.config.validate(props)),
    ...overrideProblems(
      overridePolicy(workerProps['connector.client.config.override.policy'] ?? 'All'),
      props,
    ),
    ...unsupported(props),
  ]
  if (problems.length === 0) problems.push(...(await pluginProblems(props, workerProps, plugins)))
  if (problems.length > 0) throw new InvalidConnectorError(problems)
  return { plugin, settings: { common: definition.parse(props), own: plugin.config.parse(props) } }
}

function problemsOf(values: readonly ConfigValue[]): Problem[] {
  return values.flatMap(({ name, errors }) => errors.map((message) => ({ key: name, message })))
}

function topicsProblems(props: Props): Problem[] {
  return sinkTopicsProblems(props).map(({ key, value, message }) => ({
    key,
    message: invalidValue(key, value, message).message,
  }))
}

/** Builds the chain and the converters once, only to hear what is wrong with their settings. */
async function pluginProblems(props: Props, worker: Props, plugins: PluginRegistry): Promise<Problem[]> {
  const problems: Problem[] = []
  const attempt = async (step: () => Promise<unknown>, fallbackKey: string) => {
    try {
      await step()
    } catch (thrown) {
      const error = toError(thrown)
      const key = error instanceof ConfigError ? (error.key ?? fallbackKey) : fallbackKey
      problems.push({ key, message: error.message })
    }
  }
  await attempt(async () => (await buildChain(props, plugins)).close(silentLogger), 'transforms')
  await attempt(
    () => chooseConverters({ connector: props, worker, task: props['name'] ?? '' }, plugins, silentLogger),
    'value.converter',
  )
  return problems
}

/** What this version cannot do yet is refused where records would be lost without it. */
function unsupported(props: Props): Problem[] {
  const key = 'errors.deadletterqueue.topic.name'
  if (!props[key]?.trim()) return []
  return [
    {
      key,
      message: `Invalid value ${props[key]} for configuration ${key}: dead letter topics are not supported yet`,
    },
  ]
}

function shown(props: Props): string {
  return `{${Object.keys(props).join(', ')}}`
}
