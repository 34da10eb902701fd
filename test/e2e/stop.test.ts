import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openBroker } from '../broker/open-broker.ts'
import { CuttingProxy } from '../kafka/cutting-proxy.ts'
import { freePort } from '../support/free-port.ts'
import { committedPosition } from '../support/committed-position.ts'
import { judge } from '../support/kill-run.ts'
import { lineNumber, writeNumberedLines } from '../support/numbered-lines.ts'
import { readTopic } from '../support/read-topic.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { until } from '../support/until.ts'
import { propertiesFile, WorkerProcess, workerFile } from '../support/worker-process.ts'

test('an orderly stop half-way loses and repeats nothing', async () => {
  const folder = tempFolder()
  const input = join(folder, 'in.txt')
  const [count, bytes] = [400_000, 100]
  await writeNumberedLines(input, count, bytes)
  const bootstrap = `127.0.0.1:${await freePort()}`
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
  const progress = () => committedPosition(join(folder, 'connect.offsets')) / (count * bytes)
  let stops = 0
  for (const goal of [0.1, 0.4, 0.7]) {
    const worker = WorkerProcess.start(args)
    await until(() => progress() >= goal, { what: `progress ${goal}`, everyMs: 1 })
    expect(await worker.stop(stops++ % 2 === 0 ? 'SIGTERM' : 'SIGINT')).toBe(stops % 2 === 1 ? 143 : 130)
  }
  WorkerProcess.start(args)
  await until(() => progress() >= 1, { what: 'the end of the file', timeoutMs: 30_000 })
  const numbers: number[] = []
  const take = ({ value }: { value: Buffer | null }) => numbers.push(lineNumber(value))
  await readTopic(bootstrap, 'lines', take, () => numbers.length >= count)
  expect(judge(numbers, count)).toEqual({ lost: 0, repeated: 0, steps: [] })
})

test('the second signal leaves at once, whatever the first waits for', async () => {
  const folder = tempFolder()
  const input = join(folder, 'in.txt')
  writeFileSync(input, 'one\n')
  const broker = await openBroker()
  const proxy = await CuttingProxy.open({ host: '127.0.0.1', port: broker.port })
  onTestFinished(() => proxy.close())
  const offsets = join(folder, 'connect.offsets')
  const patient = { 'task.shutdown.graceful.timeout.ms': 60_000, 'offset.flush.timeout.ms': 60_000 }
  const worker = WorkerProcess.start([
    workerFile(folder, { bootstrap: proxy.address, restPort: await freePort(), ...patient }),
    propertiesFile(folder, 'source.properties', {
      'name': 'lines',
      'connector.class': 'FileStreamSource',
      'file': input,
      'topic': 'lines',
    }),
  ])
  await until(() => committedPosition(offsets) === 4, { what: 'the first line' })
  proxy.mute(true)
  appendFileSync(input, 'two\n')
  let arrived = 0
  await readTopic(
    `127.0.0.1:${broker.port}`,
    'lines',
    () => arrived++,
    () => arrived === 2,
  )
  process.kill(worker.pid, 'SIGINT')
  await worker.whenOutput(/Kafka Connect stopping/)
  // It waits for an answer that does not come.
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(worker.hasExited, worker.output).toBe(false)
  const again = performance.now()
  expect(await worker.stop('SIGINT')).toBe(130)
  expect(performance.now() - again).toBeLessThan(2000)
})

test('a signal ends a worker that is still waiting for its broker', async () => {
  const folder = tempFolder()
  const worker = WorkerProcess.start([
    workerFile(folder, { bootstrap: `127.0.0.1:${await freePort()}`, restPort: await freePort() }),
  ])
  await worker.whenOutput(/No broker answers/)
  expect(await worker.stop('SIGTERM')).toBe(143)
})
