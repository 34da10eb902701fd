import type { RawSettings } from './config-def.ts'

/** What a config provider gives for one path. */
export interface ConfigData {
  /** Only keys that there are. */
  readonly data: Readonly<Record<string, string>>
  /** After how many ms the values should be read again; null: they stay good. */
  readonly ttlMs: number | null
}

/** Gives values that do not belong into settings files, such as secrets. */
export interface ConfigProvider {
  /** Throws ConfigError when the path cannot be used at all. */
  get(path: string, keys: ReadonlySet<string>): ConfigData
  close?(): void
}

export interface ResolvedSettings {
  readonly settings: Record<string, string | null>
  /** Paths whose values expire, with the time that they are good for. */
  readonly ttls: readonly { readonly provider: string; readonly path: string; readonly ttlMs: number }[]
}

const variable = /\$\{([^}]*?):(([^}]*?):)?([^}]*?)\}/g

/**
 * Replaces `${provider:path:key}` and `${provider:key}` in values. What no provider knows stays as it is; values that
 * come in are not looked at again. Each path is asked for once, with all its keys.
 */
export function resolveVariables(
  settings: RawSettings,
  providers: ReadonlyMap<string, ConfigProvider>,
): ResolvedSettings {
  const wanted = wantedKeys(settings, providers)
  const found = new Map<string, Map<string, Readonly<Record<string, string>>>>()
  const ttls = []
  for (const [provider, paths] of wanted) {
    const byPath = new Map<string, Readonly<Record<string, string>>>()
    for (const [path, keys] of paths) {
      const { data, ttlMs } = providers.get(provider)!.get(path, keys)
      byPath.set(path, data)
      if (ttlMs !== null && ttlMs >= 0) ttls.push({ provider, path, ttlMs })
    }
    found.set(provider, byPath)
  }

  const resolved = Object.create(null) as Record<string, string | null>
  for (const name of Object.keys(settings)) {
    resolved[name] =
      settings[name]?.replace(
        variable,
        (text, provider: string, _, path: string | undefined, key: string) => {
          const data = found.get(provider)?.get(path ?? '')
          return data !== undefined && Object.hasOwn(data, key) ? data[key]! : text
        },
      ) ?? null
  }
  return { settings: resolved, ttls }
}

/** Whether a value would be looked into by `resolveVariables`. */
export function hasVariable(value: string | null): boolean {
  return value !== null && value.search(variable) >= 0
}

function wantedKeys(settings: RawSettings, providers: ReadonlyMap<string, ConfigProvider>) {
  const wanted = new Map<string, Map<string, Set<string>>>()
  for (const name of Object.keys(settings)) {
    for (const [, provider = '', , path = '', key = ''] of settings[name]?.matchAll(variable) ?? []) {
      if (!providers.has(provider)) continue
      const paths = wanted.get(provider) ?? new Map<string, Set<string>>()
      wanted.set(provider, paths)
      paths.set(path, (paths.get(path) ?? new Set()).add(key))
    }
  }
  return wanted
}
