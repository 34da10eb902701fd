import { join } from 'node:path'
import { expect, test } from 'vitest'
import { kafkaClients } from '../../src/kafka/kafkajs-clients.ts'
import { silentLogger } from '../../src/util/logger.ts'
import { committedPosition } from '../support/committed-position.ts'
import { freePort } from '../support/free-port.ts'
import { killAtProgress } from '../support/kill-run.ts'
import { lineNumber, writeNumberedLines } from '../support/numbered-lines.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { until } from '../support/until.ts'
import { propertiesFile, workerFile } from '../support/worker-process.ts'

const lineCount = 200_000
const lineBytes = 100
const kills = 12

test(`kill -9 ${kills} times of a worker with its broker, in transactions: every record once, in order`, async () => {
  const folder = tempFolder()
  const input = join(folder, 'in.txt')
  await writeNumberedLines(input, lineCount, lineBytes)
  const bootstrap = `127.0.0.1:${await freePort()}`
  const restPort = await freePort()
  const args = [
    '--embedded-broker',
    workerFile(folder, { bootstrap, restPort, 'exactly.once.source.support': 'enabled' }),
    propertiesFile(folder, 'source.properties', {
      'name': 'lines',
      'connector.class': 'FileStreamSource',
      'file': input,
      'topic': 'lines',
    }),
  ]
  const progress = () => committedPosition(join(folder, 'connect.offsets')) / (lineCount * lineBytes)
  await killAtProgress({ args, progress, kills })
  await until(() => progress() >= 1, { what: 'the end of the file', timeoutMs: 60_000 })

  const settings = { 'bootstrap.servers': bootstrap, 'isolation.level': 'read_committed' }
  const reader = kafkaClients().topicReader(settings, silentLogger)
  let next = 0
  try {
    await reader.readToEnd('lines', ({ value }) => {
      if (lineNumber(value) === next) next++
      else throw new Error(`Line ${lineNumber(value)} came where line ${next} should have come.`)
    })
  } finally {
    await reader.close()
  }
  expect(next).toBe(lineCount)
}, 120_000)
