import type { Converter, ConverterRole } from '../api/converter.ts'
import type { Props } from '../api/plugin.ts'
import { withPrefix } from '../config/config-def.ts'
import type { PluginRegistry } from '../plugins/registry.ts'
import type { Logger } from '../util/logger.ts'
import { parsed } from './transformation-chain.ts'

/** A converter and the class name under which errors blame it. */
export interface NamedConverter {
  readonly className: string
  readonly converter: Converter
}

export type Converters = Readonly<Record<ConverterRole, NamedConverter>>

const defaultHeaderConverter = 'org.apache.kafka.connect.storage.SimpleHeaderConverter'

/**
 * The converters of a task: each comes whole from the connector's settings if they name one, else whole from
 * the worker's. The two are never mixed.
 */
export async function chooseConverters(
  { connector, worker, task }: { connector: Props; worker: Props; task: string },
  plugins: PluginRegistry,
  log: Logger,
): Promise<Converters> {
  const choose = async (role: ConverterRole): Promise<NamedConverter> => {
    const name = `${role}.converter`
    const isOwn = connector[name] !== undefined && connector[name] !== null
    const props = isOwn ? connector : worker
    const type = props[name]?.trim() || defaultHeaderConverter
    const kind = role === 'header' ? 'header_converter' : 'converter'
    plugins.check(kind, type, name)
    const plugin = await plugins.plugin(kind, type)
    const settings = parsed(plugin, { ...withPrefix(props, `${name}.`), 'converter.type': role }, `${name}.`)
    const origin = isOwn ? 'connector config' : 'worker config'
    log.info(`Set up the ${role} converter class ${plugin.name} for task ${task} using the ${origin}`)
    return { className: plugin.name, converter: plugin.create(settings, role) }
  }
  const [key, value, header] = [await choose('key'), await choose('value'), await choose('header')]
  return { key, value, header }
}
