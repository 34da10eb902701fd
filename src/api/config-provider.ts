import type { ConfigProvider } from '../config/variables.ts'
import type { Plugin } from './plugin.ts'

export type { ConfigData, ConfigProvider } from '../config/variables.ts'

export interface ConfigProviderPlugin<S = unknown> extends Plugin<S> {
  readonly kind: 'config-provider'
  create(settings: S): ConfigProvider
}

export function defineConfigProvider<S>(
  provider: Omit<ConfigProviderPlugin<S>, 'kind'>,
): ConfigProviderPlugin<S> {
  return { kind: 'config-provider', ...provider }
}
