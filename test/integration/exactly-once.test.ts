import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { defineSourceConnector, Schema, SourceRecord } from '../../src/index.ts'
import { configDef } from '../../src/config/config-def.ts'
import { kafkaClients } from '../../src/kafka/kafkajs-clients.ts'
import { silentLogger } from '../../src/util/logger.ts'
import { freePort } from '../support/free-port.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { until } from '../support/until.ts'
import { workerInProcess } from '../support/worker-in-process.ts'
import { propertiesFile, WorkerProcess, workerFile } from '../support/worker-process.ts'
import { JavaProcess, kafkaBootstrap, uniqueName } from './support/services.ts'

const enabled = { 'exactly.once.source.support': 'enabled' }

interface Answer {
  readonly connector: { readonly state: string }
  readonly tasks: readonly { readonly state: string; readonly trace?: string }[]
}

/** What readers of committed records see in the topic now. */
async function committed(topic: string, isolation = 'read_committed'): Promise<string[]> {
  const settings = { 'bootstrap.servers': kafkaBootstrap!, 'isolation.level': isolation }
  const reader = kafkaClients().topicReader(settings, silentLogger)
  const values: string[] = []
  try {
    await reader.readToEnd(topic, ({ value }) => values.push(value?.toString() ?? 'null'))
  } finally {
    await reader.close()
  }
  return values
}

async function kafkaTopics(...args: string[]): Promise<string> {
  const tool = new JavaProcess([
    'org.apache.kafka.tools.TopicCommand',
    '--bootstrap-server',
    kafkaBootstrap!,
    ...args,
  ])
  expect(await tool.whenExited()).toBe(0)
  return tool.output
}

async function setUp(settings: Record<string, string> = {}) {
  const folder = tempFolder()
  const topic = uniqueName('exact')
  const restPort = await freePort()
  const file = workerFile(folder, { bootstrap: kafkaBootstrap!, restPort, ...enabled, ...settings })
  const source = propertiesFile(folder, 'source.properties', {
    'name': 'lines',
    'connector.class': 'FileStreamSource',
    'file': join(folder, 'in.txt'),
    topic,
  })
  const url = `http://127.0.0.1:${restPort}/connectors/lines`
  const request = async (path: string, method = 'GET', body?: object) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return (await answer.json().catch(() => null)) as Answer
  }
  const start = async (...options: string[]) => {
    const worker = WorkerProcess.start([...options, file, source])
    await worker.whenReady()
    return worker
  }
  const lines = (...texts: string[]) =>
    writeFileSync(join(folder, 'in.txt'), texts.map((text) => `${text}\n`).join(''), { flag: 'a' })
  const arrived = (...texts: string[]) =>
    until(async () => (await committed(topic)).join() === texts.join(), {
      what: `committed: ${texts.join()}`,
      timeoutMs: 30_000,
      everyMs: 100,
    })
  const failed = () =>
    until(
      async () => {
        const { connector, tasks } = await request('/status')
        return connector.state === 'FAILED' && tasks[0]?.state === 'FAILED' && String(tasks[0].trace)
      },
      { timeoutMs: 30_000, everyMs: 50 },
    )
  return { folder, topic, start, lines, arrived, request, failed }
}

describe.skipIf(kafkaBootstrap === null)('sources in transactions', () => {
  test('go on where they were, over starts, and where REST says', async () => {
    const { start, lines, arrived, request, folder } = await setUp()
    lines('a', 'b')
    const first = await start()
    await arrived('a', 'b')
    await first.stop('SIGKILL')
    lines('c')
    const second = await start()
    await arrived('a', 'b', 'c')
    const partition = { filename: join(folder, 'in.txt') }
    expect(await request('/offsets')).toEqual({ offsets: [{ partition, offset: { position: 6 } }] })
    await request('/stop', 'PUT')
    await until(async () => (await request('/status')).tasks.length === 0)
    await request('/offsets', 'PATCH', { offsets: [{ partition, offset: { position: 2 } }] })
    await second.stop()
    // The file is behind the topic now: the topic counts.
    const third = await start()
    await arrived('a', 'b', 'c', 'b', 'c')
    await request('/stop', 'PUT')
    await until(async () => (await request('/status')).tasks.length === 0)
    await request('/offsets', 'DELETE')
    expect(await request('/offsets')).toEqual({ offsets: [] })
    await request('/resume', 'PUT')
    await arrived('a', 'b', 'c', 'b', 'c', 'a', 'b', 'c')
    expect(await third.stop()).toBe(143)
  })

  test('stop with a message when topic and offset file do not belong together', async () => {
    const { start, lines, arrived, failed, folder } = await setUp()
    lines('a')
    await (async () => {
      const worker = await start()
      await arrived('a')
      await worker.stop()
    })()
    // The topic without its file.
    rmSync(join(folder, 'connect.offsets'))
    rmSync(join(folder, 'connect.offsets.1'), { force: true })
    const withoutFile = await start()
    expect(await failed()).toMatch(
      /topic (tsconnect-offsets-\S+) holds the offsets of connector lines .* is gone/,
    )
    await withoutFile.stop()
    // Accepted: it begins anew, in a topic of its own.
    const anew = await start('--accept-lost-offsets')
    await arrived('a', 'a')
    await anew.stop()
    // The file without its topic.
    const own = /"worker":"([^"]+)"/.exec(offsetFile(folder))![1]!
    await kafkaTopics('--delete', '--topic', `tsconnect-offsets-${own}`)
    const withoutTopic = await start()
    expect(await failed()).toContain(`kept in topic tsconnect-offsets-${own}`)
    await withoutTopic.stop()
    lines('b')
    const goesOn = await start('--accept-lost-offsets')
    await arrived('a', 'a', 'b')
    await goesOn.stop()
    await start()
    lines('c')
    await arrived('a', 'a', 'b', 'c')
  })

  test('make a compacted topic, and can be switched off and on', async () => {
    const on = await setUp()
    on.lines('a')
    const first = await on.start()
    await on.arrived('a')
    await first.stop()
    const own = /"worker":"([^"]+)"/.exec(offsetFile(on.folder))![1]!
    const described = await kafkaTopics('--describe', '--topic', `tsconnect-offsets-${own}`)
    expect(described).toMatch(/PartitionCount: 1.*cleanup\.policy=compact/)
    const settings = join(on.folder, 'worker.properties')
    const text = readFileSync(settings, 'utf8')
    writeFileSync(settings, text.replace('=enabled', '=disabled'))
    on.lines('b')
    const off = await on.start()
    await on.arrived('a', 'b')
    await off.stop()
    writeFileSync(settings, text)
    on.lines('c')
    await on.start()
    await on.arrived('a', 'b', 'c')
  })

  test('end by interval, also when nothing more comes', async () => {
    const { start, lines, arrived, topic, folder } = await setUp({
      'offset.flush.interval.ms': '3000',
    })
    writeFileSync(join(folder, 'source.properties'), 'transaction.boundary=interval\n', { flag: 'a' })
    lines('a')
    await start()
    await until(async () => (await committed(topic, 'read_uncommitted').catch(() => [])).length === 1, {
      everyMs: 100,
      timeoutMs: 20_000,
    })
    await arrived('a')
  })

  test('end where the connector says; what it aborts nobody sees, nor is it read again', async () => {
    const topic = uniqueName('boundaries')
    const plugin = defineSourceConnector({
      name: 'test.Boundaries',
      config: configDef({}),
      canDefineTransactionBoundaries: () => 'supported' as const,
      startTask(_, { transactionContext, offsetReader }) {
        let n: number | null = null
        return {
          async poll() {
            n ??= Number((await offsetReader.offset({ p: 1 }))?.['n'] ?? 0)
            if (n >= 60) {
              await new Promise((resolve) => setTimeout(resolve, 20))
              return null
            }
            const records = Array.from({ length: 6 }, () => {
              n!++
              const value = { schema: Schema.STRING, value: String(n) }
              return new SourceRecord({ topic, value, sourcePartition: { p: 1 }, sourceOffset: { n } })
            })
            for (const record of records) {
              const number = Number(record.sourceOffset!['n'])
              if (number % 10 === 0) transactionContext!.abortTransaction(record)
              else if (number % 5 === 0) transactionContext!.commitTransaction(record)
            }
            return records
          },
        }
      },
    })
    const { herder } = await workerInProcess([plugin], {
      'bootstrap.servers': kafkaBootstrap!,
      ...enabled,
    })
    const name = uniqueName('c')
    await herder.createConnector(name, {
      name,
      'connector.class': 'test.Boundaries',
      'transaction.boundary': 'connector',
    })
    const numbers = [0, 10, 20, 30, 40, 50].flatMap((ten) => [1, 2, 3, 4, 5].map((one) => String(ten + one)))
    await until(async () => (await committed(topic).catch(() => [])).length >= numbers.length, {
      everyMs: 100,
      timeoutMs: 20_000,
    })
    expect(await committed(topic)).toEqual(numbers)
    expect(herder.connectorStatus(name)!.tasks[0]!.state).toBe('RUNNING')
    expect(await herder.connectorOffsets(name)).toEqual([{ partition: { p: 1 }, offset: { n: 60 } }])
  })
})

function offsetFile(folder: string): string {
  return readFileSync(join(folder, 'connect.offsets'), 'utf8')
}
