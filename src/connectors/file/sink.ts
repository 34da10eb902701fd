/**
 * FileStreamSink appends the text of every record's value to a file, one a line, or writes it to standard output.
 *
 * Same settings and lines as org.apache.kafka.connect.file.FileStreamSinkConnector. Unlike it, a write that
 * fails fails the task, and only what was written is committed; with `exactly.once.sink` every record is in the
 * file once.
 */
import { ConfigError, defineSinkConnector } from '../../index.ts'
import { checkpointPath, noteAltered } from './checkpoints.ts'
import { ExactFileSinkTask } from './exact-file-sink-task.ts'
import { FileSinkTask } from './file-sink-task.ts'
import { openFile, openStdout } from './output.ts'
import { exactlyOnceKey, fileSinkConfig } from './sink-config.ts'

export const fileStreamSink = defineSinkConnector({
  name: 'org.apache.kafka.connect.file.FileStreamSinkConnector',
  doc: "Appends the text of every record's value to a file, one a line, or writes it to standard output.",
  config: fileSinkConfig,

  taskConfigs(settings, maxTasks, props) {
    if (settings[exactlyOnceKey] && maxTasks > 1) {
      throw new ConfigError(
        `${exactlyOnceKey}=true needs tasks.max=1, not ${maxTasks}: the tasks would cut each other's records from the file.`,
        { key: 'tasks.max' },
      )
    }
    return Array.from({ length: maxTasks }, () => props)
  },

  async startTask({ file, [exactlyOnceKey]: isExact }, context) {
    context.log.info(`FileStreamSink writes to ${file || 'standard output'}.`)
    if (file && isExact) return ExactFileSinkTask.open(file, context)
    return new FileSinkTask(file ? await openFile(file) : openStdout())
  },

  async alterOffsets(props, offsets) {
    const { file, [exactlyOnceKey]: isExact } = fileSinkConfig.parse(props)
    if (file && isExact) await noteAltered(checkpointPath(file), offsets)
    return true
  },
})
