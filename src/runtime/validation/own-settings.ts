import type { Props } from '../../api/plugin.ts'
import { type Fields, validateFields, withPrefix } from '../../config/config-def.ts'
import { deadLetterConfig } from '../../config/connector-config.ts'
import { restartConfig } from '../../config/restart-config.ts'
import { ConfigError } from '../../errors.ts'
import { type ConfigInfo, configInfo } from './config-infos.ts'
import type { NamedClasses } from './named-classes.ts'
import type { AnyPlugin } from './plugin-config.ts'
import { stagesOf } from './stage-fields.ts'

/**
 * The settings that Kafka Connect does not have and that are set wrongly. All others of them stay out of an answer, so
 * that programs which compare it with Kafka Connect's find the same.
 */
export function wrongOwnSettings(plugin: AnyPlugin, props: Props, classes: NamedClasses): ConfigInfo[] {
  return [
    ...wrongValues(inGroup('Error Handling', restartConfig.fields), props, ''),
    // Kafka Connect has dead letters for sinks alone.
    ...(plugin.kind === 'source' ? wrongValues(deadLetterConfig.fields, props, '') : []),
    ...wrongValues(plugin.config.ownFields ?? {}, props, ''),
    ...wrongSettingsOfTransforms(props, classes),
  ]
}

function inGroup(group: string, fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, { ...field, group }]))
}

function wrongSettingsOfTransforms(props: Props, classes: NamedClasses): ConfigInfo[] {
  return stagesOf('transformation', props).flatMap(({ prefix, group }) => {
    const plugin = classes.plugin('transformation', props[`${prefix}type`])
    if (plugin?.config.ownFields === undefined) return []
    const fields = inGroup(group, plugin.config.ownFields)
    const settings = withPrefix(props, prefix)
    const wrong = wrongValues(fields, settings, prefix)
    if (wrong.length > 0 || !Object.keys(fields).some((name) => name in settings)) return wrong
    // Some values are only looked into when they are used.
    const problem = ownProblem(fields, () => plugin.create(plugin.config.parse(settings)).close?.())
    if (problem === null) return []
    const value = settings[problem.key] ?? null
    const shown = {
      name: problem.key,
      value,
      recommendedValues: [],
      errors: [problem.message],
      visible: true,
    }
    return [configInfo(fields[problem.key], shown, prefix)]
  })
}

function wrongValues(fields: Fields, settings: Props, prefix: string): ConfigInfo[] {
  return validateFields(fields, settings)
    .filter(({ errors }) => errors.length > 0)
    .map((value) => configInfo(fields[value.name], value, prefix))
}

/** What is wrong with one of these settings; anything else is found where Kafka Connect finds it: in the task. */
function ownProblem(fields: Fields, make: () => unknown): { key: string; message: string } | null {
  try {
    make()
  } catch (error) {
    const key = error instanceof ConfigError ? error.key : undefined
    if (key !== undefined && Object.hasOwn(fields, key)) return { key, message: (error as Error).message }
  }
  return null
}
