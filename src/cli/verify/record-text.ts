import type { Props } from '../../api/plugin.ts'
import type { SchemaAndValue } from '../../data/schema-and-value.ts'
import { javaText } from '../../data/java-text.ts'
import { ConnectError, toError } from '../../errors.ts'
import type { ConsumerRecord } from '../../kafka/client.ts'
import { builtinPlugins } from '../../plugins/builtin.ts'
import { PluginRegistry } from '../../plugins/registry.ts'
import { chooseConverters } from '../../runtime/converters.ts'
import type { Logger } from '../../util/logger.ts'
import type { RecordText } from './topic-lines.ts'

const stringConverter = 'org.apache.kafka.connect.storage.StringConverter'

/** The text of a record's value by the worker's `value.converter`; without a worker file, by StringConverter. */
export async function recordText(worker: Props, log: Logger): Promise<RecordText> {
  const props = { ...worker, 'value.converter': worker['value.converter'] ?? stringConverter }
  const chosen = await chooseConverters(
    { connector: {}, worker: { ...props, 'key.converter': stringConverter }, task: 'verify' },
    new PluginRegistry(builtinPlugins),
    log,
  )
  const { converter, className } = chosen.value
  const text = ({ value, schema }: SchemaAndValue) => javaText(value, schema)
  const failed = ({ topic, partition, offset }: ConsumerRecord, error: unknown) =>
    new ConnectError(
      `The value of the record ${topic}-${partition}@${offset} is nothing for ${className}: ${toError(error).message} ` +
        'Name the worker file whose value.converter it was written with (--worker).',
      { cause: error },
    )
  return (record) => {
    try {
      const converted = converter.toConnectData(record.topic, record.value)
      if (!(converted instanceof Promise)) return text(converted)
      return converted.then(text, (error: unknown) => {
        throw failed(record, error)
      })
    } catch (error) {
      throw failed(record, error)
    }
  }
}
