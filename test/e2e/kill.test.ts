import { join } from 'node:path'
import { expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { committedPosition } from '../support/committed-position.ts'
import { judge, killAtProgress } from '../support/kill-run.ts'
import { batchSizes } from '../support/log-segments.ts'
import { lineNumber, writeNumberedLines } from '../support/numbered-lines.ts'
import { readTopic } from '../support/read-topic.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { until } from '../support/until.ts'
import { propertiesFile, workerFile } from '../support/worker-process.ts'

const lineCount = 1_000_000
const lineBytes = 100
const kills = 20

test(`kill -9 ${kills} times on the way: nothing lost, order kept, at most two batches repeated a kill`, async () => {
  const folder = tempFolder()
  const input = join(folder, 'in.txt')
  await writeNumberedLines(input, lineCount, lineBytes)
  const bootstrap = `127.0.0.1:${await freePort()}`
  const offsets = join(folder, 'connect.offsets')
  const args = [
    '--embedded-broker',
    workerFile(folder, { bootstrap, restPort: await freePort() }),
    propertiesFile(folder, 'source.properties', {
      'name': 'lines',
      'connector.class': 'FileStreamSource',
      'file': input,
      'topic': 'lines',
    }),
  ]
  const progress = () => committedPosition(offsets) / (lineCount * lineBytes)
  await killAtProgress({ args, progress, kills })
  await until(() => progress() >= 1, { what: 'the end of the file', timeoutMs: 60_000 })

  const numbers: number[] = []
  await readTopic(
    bootstrap,
    'lines',
    ({ value }) => numbers.push(lineNumber(value)),
    () => numbers.at(-1) === lineCount - 1,
  )
  const { lost, steps } = judge(numbers, lineCount)
  const largest = batchSizes(join(`${offsets}.broker`, 'topics')).sort((a, b) => b - a)
  expect(lost).toBe(0)
  expect(steps.length).toBeLessThanOrEqual(kills)
  expect(Math.max(0, ...steps)).toBeLessThanOrEqual(largest[0]! + largest[1]!)
}, 180_000)
