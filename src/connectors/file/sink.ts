/**
 * FileStreamSink appends the text of every record's value to a file, one a line, or writes it to standard output.
 *
 * Same settings and lines as org.apache.kafka.connect.file.FileStreamSinkConnector. Unlike it, a write that
 * fails fails the task, and only what was written is committed.
 */
import { configDef, defineSinkConnector, string } from '../../index.ts'
import { FileSinkTask } from './file-sink-task.ts'
import { openFile, openStdout } from './output.ts'

export const fileStreamSink = defineSinkConnector({
  name: 'org.apache.kafka.connect.file.FileStreamSinkConnector',
  doc: "Appends the text of every record's value to a file, one a line, or writes it to standard output.",
  config: configDef({
    file: string({
      importance: 'high',
      default: null,
      doc: 'The file to append to. Without it, standard output.',
    }),
  }),

  async startTask({ file }, context) {
    context.log.info(`FileStreamSink writes to ${file || 'standard output'}.`)
    return new FileSinkTask(file ? await openFile(file) : openStdout())
  },

  alterOffsets: () => true,
})
