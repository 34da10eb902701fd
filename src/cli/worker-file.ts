import { dirname } from 'node:path'
import type { Props } from '../api/plugin.ts'
import { loadDotEnv } from '../config/dotenv.ts'
import { parseProperties, positionText, type Sourced, type SourcedProperties } from '../config/properties.ts'
import { readPropertiesFile } from '../config/read-file.ts'
import { resolveVariables } from '../config/variables.ts'
import { withOrigin } from '../config/with-origin.ts'
import { workerConfig, type WorkerSettings } from '../config/worker-config.ts'
import { ConfigError } from '../errors.ts'
import { configProviders } from '../providers/config-providers.ts'
import type { Resolved } from '../runtime/standalone-herder.ts'
import type { Logger } from '../util/logger.ts'
import { isSecretName, secrets } from '../util/secrets.ts'

export interface WorkerFile {
  readonly source: SourcedProperties
  /** Variables resolved. */
  readonly props: Props
  readonly settings: WorkerSettings
  /** Resolves the variables of a connector's settings with this file's providers. */
  readonly resolve: (props: Props) => Resolved
}

/** Reads and checks the worker file. Throws ConfigError with file, line and column. */
export function readWorkerFile(path: string, log: Logger): WorkerFile {
  // As in Kafka Connect an empty name is an empty file, which then lacks what is required.
  const source = path === '' ? parseProperties('', 'the empty worker file') : readPropertiesFile(path)
  warnOfDuplicates(source, log)
  try {
    const env = loadDotEnv(path === '' ? '.' : dirname(path), process.env)
    const providers = configProviders(source.values, { env, log })
    const resolve = (props: Props) => {
      const { settings, ttls } = resolveVariables(props, providers)
      rememberSecrets(settings)
      return {
        props: settings,
        ttlMs: ttls.length === 0 ? null : Math.min(...ttls.map(({ ttlMs }) => ttlMs)),
      }
    }
    const { props } = resolve(source.values)
    return { source, props, settings: workerConfig.parse(props), resolve }
  } catch (error) {
    throw error instanceof ConfigError ? withOrigin(error, source) : error
  }
}

/** Also those that no definition knows to be secret, such as the ones of Kafka clients. */
function rememberSecrets(settings: Props): void {
  for (const [name, value] of Object.entries(settings)) {
    if (value !== null && isSecretName(name)) secrets.add(value.trim())
  }
}

/** Says of settings that stand in a file twice which one counts. */
export function warnOfDuplicates({ duplicates }: Sourced, log: Logger): void {
  for (const { key, positions } of duplicates) {
    const places = positions.map(positionText)
    log.warn(`${key} is set ${places.length} times (${places.join(', ')}); the last one counts.`)
  }
}

/** Runs a step that settings of this file may make fail; a ConfigError gets the place of its setting. */
export async function placed<T>(source: Sourced, step: () => Promise<T>): Promise<T> {
  try {
    return await step()
  } catch (error) {
    throw error instanceof ConfigError ? withOrigin(error, source) : error
  }
}
