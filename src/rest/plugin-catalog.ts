import type { RawConfig } from './herder.ts'

/** The plugins that a worker offers, as the REST API shows them. */
export interface PluginCatalog {
  list(connectorsOnly: boolean): readonly PluginInfo[]
  /** The definitions of a plugin's settings. Throws NotFoundError, or BadRequestError for a class of another kind. */
  config(name: string): Promise<unknown>
  /** Checks the settings of a connector. Throws BadRequestError when they are not for that connector. */
  validate(name: string, config: RawConfig): Promise<unknown>
}

export interface PluginInfo {
  readonly class: string
  /** As Kafka Connect names it: `sink`, `source`, `transformation`, ... */
  readonly type: string
  readonly version: string
}
