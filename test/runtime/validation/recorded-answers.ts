import { builtinPlugins } from '../../../src/plugins/builtin.ts'
import { PluginRegistry } from '../../../src/plugins/registry.ts'
import type { ConfigInfos } from '../../../src/runtime/validation/config-infos.ts'
import { version } from '../../../src/util/version.ts'

export const registry = new PluginRegistry(builtinPlugins)

/** As the workers were set up that the answers come from. */
export const worker = {
  'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
  'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
}

/** An answer in the terms of the recordings: texts of our own and of the Java library are not compared. */
export function comparable<T>(answer: T): T {
  return JSON.parse(JSON.stringify(answer), (key, value: unknown) => {
    if (key === 'documentation') return typeof value === 'string' && value !== '' ? '${text}' : value
    if (typeof value !== 'string') return value
    return value === version ? '${version}' : value.replace(/(Invalid regex:).*$/s, '$1')
  }) as T
}

/** What the recording kept of an answer. */
export function viewed(answer: ConfigInfos, view?: string, only?: readonly string[]): unknown {
  const { configs, groups, ...counted } = answer
  const valued = configs.filter(({ value }) => value.value !== null)
  const wrong = configs.filter(({ value }) => value.errors.length > 0)
  switch (view) {
    case 'keys':
      return { ...counted, groups, keys: configs.map(({ value }) => value.name) }
    case 'values':
      return {
        ...counted,
        groups,
        values: Object.fromEntries(valued.map(({ value }) => [value.name, value.value])),
      }
    case 'errors':
      return { ...counted, errors: Object.fromEntries(wrong.map(({ value }) => [value.name, value.errors])) }
    default:
      if (only === undefined) return answer
      return { ...counted, configs: configs.filter(({ value }) => only.includes(value.name)) }
  }
}
