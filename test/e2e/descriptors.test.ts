import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openBroker } from '../broker/open-broker.ts'
import { FaultyWorker, standalone } from '../faults/worker.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { until } from '../support/until.ts'
import { propertiesFile, workerFile } from '../support/worker-process.ts'

/** Starts what follows with so few file descriptors. */
const limited = (descriptors: number) =>
  ['sh', '-c', `ulimit -n ${descriptors}; exec "$@"`, 'sh', ...standalone] as const

for (const descriptors of [22, 32]) {
  test(`${descriptors} file descriptors are too few to load the program, which says so`, () => {
    const [program, ...args] = limited(descriptors)
    const { status, stderr } = spawnSync(program, [...args, '--version'], { encoding: 'utf8' })
    expect(stderr).toBe(
      'tsconnect cannot load its own files: this process may open too few file descriptors. ' +
        'Raise the limit, for example: ulimit -n 4096\n',
    )
    expect(status).toBe(2)
  })
}

test('a worker whose connectors use up the file descriptors says so once, with the limit', async () => {
  const folder = tempFolder()
  const { port } = await openBroker()
  const connectors = Array.from({ length: 12 }, (_, i) => {
    const file = join(folder, `in-${i}.txt`)
    writeFileSync(file, 'one\n')
    const settings = { 'name': `source-${i}`, 'connector.class': 'FileStreamSource', file, 'topic': `t-${i}` }
    return propertiesFile(folder, `source-${i}.properties`, settings)
  })
  const args = [workerFile(folder, { bootstrap: `127.0.0.1:${port}`, restPort: 0 }), ...connectors]
  const worker = new FaultyWorker(folder, args, {}, limited(44))
  onTestFinished(async () => void (await worker.stop('SIGKILL')))
  worker.start()
  await until(() => worker.checkAlive() && worker.log.includes('Kafka Connect started'), {
    what: 'the start',
  })
  const told = () => worker.log.match(/ERROR .*File descriptors have run out.*/g) ?? []
  await until(() => worker.checkAlive() && told().length > 0, { what: `the reason in:\n${worker.log}` })
  // Several clients try again meanwhile.
  await new Promise((resolve) => setTimeout(resolve, 1500))
  expect(told()).toEqual([
    expect.stringMatching(
      /this process may have 44 open\. There is none for a connection to 127\.0\.0\.1:\d+.*ulimit -n/,
    ),
  ])
  expect(worker.log).not.toContain('EMFILE')
})
