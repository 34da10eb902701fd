import { appendFileSync } from 'node:fs'
import { configDef, DataError, defineSinkConnector, type SinkTask, string } from '../../../src/index.ts'

/** How a text begins that PickySink does not take. */
export const unwanted = '!'

/** Writes lines to a file; records that it does not take are reported, or fail it. */
export const pickySink = defineSinkConnector({
  name: 'PickySink',
  config: configDef({ file: string({ importance: 'high', doc: 'Where the lines go.' }) }),
  startTask: ({ file }, context): SinkTask => ({
    put(records) {
      let lines = ''
      for (const record of records) {
        const text = String(record.value.value)
        if (!text.startsWith(unwanted)) lines += `${text}\n`
        else {
          const error = new DataError('This text is not wanted.')
          const reporter = context.errantRecordReporter()
          if (reporter === null) throw error
          void reporter.report(record, error)
        }
      }
      if (lines !== '') appendFileSync(file, lines)
    },
  }),
})
