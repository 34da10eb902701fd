import type { Props } from '../api/plugin.ts'
import type { SinkConnector } from '../api/sink.ts'
import type { SourceConnector } from '../api/source.ts'
import {
  type CommonSettings,
  sinkConnectorConfig,
  sourceConnectorConfig,
} from '../config/connector-config.ts'
import { ConfigError, toError } from '../errors.ts'
import type { PluginRegistry } from '../plugins/registry.ts'
import { chooseConverters } from './converters.ts'
import { buildChain } from './transformation-chain.ts'
import { connectorOf, errorsOf, validateConnector } from './validation/validate-connector.ts'
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

  /** `count`: as the validation counts them, which is not always their number. */
  constructor(problems: readonly Problem[], count = problems.length) {
    super(
      `Connector configuration is invalid and contains the following ${count} error(s):\n` +
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
  const plugin = await connectorOf(plugins, props)
  const { error_count: count, configs } = await validateConnector(plugins, workerProps, null, props)
  const found = errorsOf(configs)
  if (found.length > 0) throw new InvalidConnectorError(found, count)
  const wrong = await pluginProblems(props, workerProps, plugins)
  if (wrong.length > 0) throw new InvalidConnectorError(wrong)
  const definition = plugin.kind === 'source' ? sourceConnectorConfig : sinkConnectorConfig
  return { plugin, settings: { common: definition.parse(props), own: plugin.config.parse(props) } }
}

/**
 * Builds the chain and the converters once, to hear what only shows then: Kafka Connect starts such a connector and
 * fails its tasks.
 */
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
