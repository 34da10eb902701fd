import type { RawConfig } from '../rest/herder.ts'
import { hidden } from '../util/secrets.ts'

/** One line for each setting that is new (+), gone (-) or changed (~), by name. */
export function settingChanges(
  before: RawConfig,
  after: RawConfig,
  isSecret: (name: string) => boolean,
): readonly string[] {
  const lines: string[] = []
  for (const name of [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()) {
    const had = Object.hasOwn(before, name)
    const has = Object.hasOwn(after, name)
    const shown = (value: string | null | undefined) => (isSecret(name) ? hidden : String(value))
    if (!had) lines.push(`+ ${name}: ${shown(after[name])}`)
    else if (!has) lines.push(`- ${name}: ${shown(before[name])}`)
    else if (before[name] !== after[name]) {
      lines.push(`~ ${name}: ${shown(before[name])} -> ${isSecret(name) ? 'another' : shown(after[name])}`)
    }
  }
  return lines
}

export function isSameConfig(a: RawConfig, b: RawConfig): boolean {
  return settingChanges(a, b, () => true).length === 0
}
