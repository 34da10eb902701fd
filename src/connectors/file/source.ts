/**
 * FileStreamSource follows a text file, or standard input, and makes a record of every line.
 *
 * Same settings and records as org.apache.kafka.connect.file.FileStreamSourceConnector, without its wounds:
 * positions count bytes, so that a restart goes on exactly behind the last line in any encoding; a change of
 * the file is noticed at once and not after a second; lines in the buffer never wait for new data.
 */
import {
  ConnectError,
  configDef,
  defineSourceConnector,
  int,
  nonEmpty,
  string,
  type Props,
} from '../../index.ts'
import { FileSourceTask } from './file-source-task.ts'
import { StdinSourceTask } from './stdin-source-task.ts'

export const fileStreamSource = defineSourceConnector({
  name: 'org.apache.kafka.connect.file.FileStreamSourceConnector',
  doc: 'Follows a text file, or standard input, and makes a record of every line.',
  config: configDef({
    'file': string({
      importance: 'high',
      default: null,
      doc: 'The file to follow. Without it, standard input.',
    }),
    'topic': string({ importance: 'high', validate: nonEmpty, doc: 'The topic that gets the records.' }),
    'batch.size': int({
      importance: 'low',
      default: 2000,
      doc: 'The most records of one poll.',
    }),
  }),

  startTask({ file, topic, 'batch.size': batchSize }, context) {
    context.log.info(`FileStreamSource reads from ${file || 'standard input'}.`)
    const settings = { topic, batchSize: Math.max(1, batchSize) }
    return file
      ? new FileSourceTask({ ...settings, file }, context)
      : new StdinSourceTask({ ...settings, file })
  },

  exactlyOnceSupport: (props) => (isFileGiven(props) ? 'supported' : 'unsupported'),
  canDefineTransactionBoundaries: () => 'unsupported',

  alterOffsets(props, offsets) {
    if (!isFileGiven(props)) {
      throw new ConnectError(
        "Offsets cannot be modified if the 'file' configuration is unspecified. " +
          'This is because stdin is used for input and offsets are not tracked.',
      )
    }
    for (const { partition, offset } of offsets) {
      if (offset === null) continue
      if (!('position' in offset)) {
        throw new ConnectError("Offset objects should either be null or contain the key 'position'")
      }
      const position = offset['position']
      if (typeof position !== 'bigint' && !Number.isInteger(position)) {
        throw new ConnectError(
          "The value for the 'position' key in the offset is expected to be a Long value",
        )
      }
      if ((position as number | bigint) < 0) {
        throw new ConnectError(
          "The value for the 'position' key in the offset should be a non-negative value",
        )
      }
      if (partition === null) throw new ConnectError('Partition objects cannot be null')
      if (!('filename' in partition)) {
        throw new ConnectError("Partition objects should contain the key 'filename'")
      }
    }
    return true
  },
})

function isFileGiven(props: Props): boolean {
  return Boolean(props['file']?.trim())
}
