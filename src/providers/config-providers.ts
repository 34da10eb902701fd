import { withPrefix, type RawSettings } from '../config/config-def.ts'
import { javaTrim } from '../util/java-trim.ts'
import type { ConfigProvider } from '../config/variables.ts'
import { ConfigError } from '../errors.ts'
import type { Logger } from '../util/logger.ts'
import { directoryConfigProvider } from './directory-config-provider.ts'
import { envConfigProvider } from './env-config-provider.ts'
import { fileConfigProvider } from './file-config-provider.ts'

type Params = Readonly<Record<string, string | null>>

export interface ProviderDeps {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: Logger
  /** Makes a provider that is not one of the three bundled ones; null when there is none of that class name. */
  readonly other?: (className: string, params: Params) => ConfigProvider | null
}

/**
 * The providers that a worker file declares with `config.providers`, by name, and the bundled three under `env`, `file`
 * and `dir` where these names are not declared.
 */
export function configProviders(worker: RawSettings, deps: ProviderDeps): Map<string, ConfigProvider> {
  const providers = new Map<string, ConfigProvider>([
    ['env', createProvider('EnvVarConfigProvider', {}, deps)],
    ['file', createProvider('FileConfigProvider', {}, deps)],
    ['dir', createProvider('DirectoryConfigProvider', {}, deps)],
  ])
  for (const name of declaredNames(worker['config.providers'] ?? '')) {
    const className = worker[`config.providers.${name}.class`]
    if (className == null) {
      throw new ConfigError(
        `config.providers names ${name}, but config.providers.${name}.class, the class of that provider, is missing.`,
        { key: 'config.providers' },
      )
    }
    const params = withPrefix(worker, `config.providers.${name}.param.`)
    providers.set(name, createProvider(javaTrim(className), params, deps, `config.providers.${name}.class`))
  }
  return providers
}

/** A bundled provider by class name or alias, or one that `deps.other` knows. Throws ConfigError. */
export function createProvider(
  className: string,
  params: Params,
  deps: ProviderDeps,
  key?: string,
): ConfigProvider {
  switch (className.replace(/^org\.apache\.kafka\.common\.config\.provider\./, '')) {
    case 'EnvVarConfigProvider':
    case 'EnvVar':
      return envConfigProvider(params, deps.env)
    case 'FileConfigProvider':
    case 'File':
      return fileConfigProvider(params, deps.log)
    case 'DirectoryConfigProvider':
    case 'Directory':
      return directoryConfigProvider(params, deps.log)
    default: {
      const other = deps.other?.(className, params)
      if (other != null) return other
      const where = key === undefined ? '' : ` for configuration ${key}`
      throw new ConfigError(`Invalid value ${className}${where}: Class ${className} could not be found.`, {
        key,
      })
    }
  }
}

function declaredNames(list: string): readonly string[] {
  return list
    .split(',')
    .map((name) => javaTrim(name))
    .filter((name) => name !== '')
}
