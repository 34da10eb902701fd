import { appendFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { boolean, configDef, defineSinkConnector, int, type SinkTask, string } from '../../../src/index.ts'

/** Writes lines to a file at a rate of its own, or keeps the first batch for ever. */
export const slowSink = defineSinkConnector({
  name: 'SlowSink',
  config: configDef({
    'file': string({ importance: 'high', doc: 'Where the lines go.' }),
    'records.per.second': int({ importance: 'high', default: 0, doc: 'The rate; 0: no limit.' }),
    'hangs': boolean({
      importance: 'high',
      default: false,
      doc: 'Whether put() never returns. What it got is written to the file with .taken behind its name.',
    }),
  }),
  startTask: ({ file, hangs, 'records.per.second': rate }): SinkTask => ({
    async put(records) {
      if (records.length === 0) return
      const lines = records.map(({ value }) => `${String(value.value)}\n`).join('')
      appendFileSync(hangs ? `${file}.taken` : file, lines)
      if (hangs) await new Promise(() => {})
      if (rate > 0) await delay((records.length / rate) * 1000)
    },
  }),
})
