import type { ConverterRole } from '../../api/converter.ts'
import type { Props } from '../../api/plugin.ts'
import { validateFields, withPrefix } from '../../config/config-def.ts'
import { javaHashOrder } from '../../config/java-hash-order.ts'
import { configInfo, groupsOf, noSection, type Section } from './config-infos.ts'
import { kindOf } from './connector-fields.ts'
import type { NamedClasses } from './named-classes.ts'
import { publishedFields } from './plugin-config.ts'

/** The settings of a converter that the connector brings itself, below `<role>.converter.`. */
export function converterSection(role: ConverterRole, props: Props, classes: NamedClasses): Section {
  const plugin = classes.plugin(kindOf(role), props[`${role}.converter`]?.trim())
  if (plugin === null) return noSection
  const prefix = `${role}.converter.`
  const fields = publishedFields(plugin)
  const values = validateFields(fields, { 'converter.type': role, ...withPrefix(props, prefix) })
  const byName = new Map(values.map((value) => [value.name, value]))
  const names = javaHashOrder([...byName.keys()])
  return {
    configs: names.map((name) => configInfo(fields[name], byName.get(name)!, prefix)),
    groups: groupsOf(names.map((name) => fields[name])),
  }
}
