import type { Props } from '../api/plugin.ts'
import { BadRequestError, ConfigError, ConnectError, NotFoundError } from '../errors.ts'
import type { PluginKind, PluginRegistry } from '../plugins/registry.ts'
import type { RawConfig } from '../rest/herder.ts'
import type { PluginCatalog, PluginInfo } from '../rest/plugin-catalog.ts'
import { version } from '../util/version.ts'
import { pluginConfig } from './validation/plugin-config.ts'
import { validateConnector } from './validation/validate-connector.ts'

/** In the order in which they are listed. */
const kinds: readonly PluginKind[] = [
  'sink',
  'source',
  'transformation',
  'predicate',
  'converter',
  'header_converter',
]

/** Plugins that a worker has and whose settings Kafka Connect does not show. */
const hidden =
  /(?:^|\.)(?:File|Directory|EnvVar)ConfigProvider$|(?:^|\.)(?:All|None|Principal|Allowlist)ConnectorClientConfigOverridePolicy$|(?:^|\.)BasicAuthSecurityRestExtension$/

export interface CatalogDeps {
  readonly plugins: PluginRegistry
  readonly workerProps: Props
  /** Resolves `${provider:path:key}`. Throws ConfigError. */
  readonly resolve: (props: Props) => Props
}

/** The registry's plugins for the REST API. */
export class RegistryCatalog implements PluginCatalog {
  readonly #deps: CatalogDeps

  constructor(deps: CatalogDeps) {
    this.#deps = deps
  }

  list(connectorsOnly: boolean): readonly PluginInfo[] {
    const shown = connectorsOnly ? kinds.slice(0, 2) : kinds
    return this.#deps.plugins
      .entries()
      .filter(({ kind }) => shown.includes(kind))
      .map(({ kind, name }) => ({ class: name, type: kind, version }))
      .sort(
        (a, b) =>
          shown.indexOf(a.type as PluginKind) - shown.indexOf(b.type as PluginKind) ||
          (a.class < b.class ? -1 : 1),
      )
  }

  async config(name: string): Promise<unknown> {
    const { plugins } = this.#deps
    for (const kind of kinds)
      if (plugins.has(kind, name)) return pluginConfig(await plugins.plugin(kind, name))
    if (hidden.test(name)) {
      throw new BadRequestError(
        `Invalid plugin class ${name}. Valid types are sink, source, converter, header_converter, transformation, predicate.`,
      )
    }
    throw new NotFoundError(`Unknown plugin ${name}.`)
  }

  async validate(name: string, config: RawConfig): Promise<unknown> {
    const { plugins, workerProps, resolve } = this.#deps
    try {
      return await validateConnector(plugins, workerProps, name, resolve(config))
    } catch (error) {
      // Kafka Connect answers 500 here, and puts the class before the message.
      if (error instanceof ConfigError)
        throw new ConnectError(`${error.javaClass}: ${error.message}`, { cause: error })
      throw error
    }
  }
}
