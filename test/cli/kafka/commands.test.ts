import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, expect, onTestFinished, test } from 'vitest'
import { consume, type ConsumeOptions } from '../../../src/cli/commands/consume.ts'
import { deleteGroup, describeGroup, listGroups, resetGroup } from '../../../src/cli/commands/groups.ts'
import { produce, type ProduceOptions } from '../../../src/cli/commands/produce.ts'
import { createTopic, deleteTopics, describeTopic, listTopics } from '../../../src/cli/commands/topics.ts'
import { kafkaClients } from '../../../src/kafka/kafkajs-clients.ts'
import { silentLogger } from '../../../src/util/logger.ts'
import { openBroker } from '../../broker/open-broker.ts'
import { freePort } from '../../support/free-port.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { until } from '../../support/until.ts'
import { propertiesFile } from '../../support/worker-process.ts'
import { MemoryIo } from '../command-io.ts'

interface Outcome {
  readonly code: number
  readonly lines: readonly string[]
  readonly messages: readonly string[]
}

async function outcome(work: (io: MemoryIo) => Promise<number>, io = new MemoryIo()): Promise<Outcome> {
  const code = await work(io)
  return { code, lines: io.lines, messages: io.messages }
}

async function setUp() {
  const { port } = await openBroker()
  const bootstrap = `127.0.0.1:${port}`
  const at = { bootstrap }
  const write = (stdin: string | Buffer, options: ProduceOptions = {}, files: readonly string[] = []) =>
    outcome((io) => produce(files, { ...at, topic: 't', ...options }, io), new MemoryIo({ stdin }))
  const read = (options: Partial<ConsumeOptions> = {}) =>
    outcome((io) => consume({ ...at, topic: 't', exit: true, ...options }, io))
  const create = (topic: string, partitions = '1') =>
    outcome((io) => createTopic(topic, { ...at, partitions }, io))
  return { at, write, read, create }
}

describe('produce and consume', () => {
  test('what goes in comes out, the unfinished last line too', async () => {
    const { write, read } = await setUp()
    expect(await write('one\n\nthree')).toEqual({ code: 0, lines: [], messages: [] })
    expect(await read()).toEqual({ code: 0, lines: ['one', '', 'three'], messages: [] })
  })

  test('a topic goes through JSON into another, bytes, nulls, headers and times unchanged', async () => {
    const { at, write, read } = await setUp()
    await write(Buffer.from([0x6b, 0x3a, 0xff, 0x0a, 0x6b, 0x3a]), {
      keySeparator: ':',
      nulls: true,
      header: ['h=1', 'n'],
    })
    const { lines } = await read({ json: true })
    const copied = await outcome(
      (io) => produce([], { ...at, topic: 'copy', json: true }, io),
      new MemoryIo({ stdin: lines.join('\n') }),
    )
    expect(copied.code).toBe(0)
    const copies = (await read({ topic: 'copy', json: true })).lines
    const payload = (line: string) => ({ ...(JSON.parse(line) as object), topic: '' })
    expect(copies.map(payload)).toEqual(lines.map(payload))
    expect(JSON.parse(copies[0]!)).toMatchObject({ payloadBase64: '/w==', headers: ['h', '1', 'n', null] })
    expect(JSON.parse(copies[1]!)).toMatchObject({ key: 'k', payload: null })
  })

  test('files are written one after the other; the one that is missing is named', async () => {
    const { write, read } = await setUp()
    const [a, b] = ['a', 'b'].map((name) => join(tempFolder(), name)) as [string, string]
    writeFileSync(a, 'a1\na2')
    writeFileSync(b, 'b1\n')
    expect((await write('from stdin', {}, [a, '-', b])).code).toBe(0)
    expect((await read()).lines).toEqual(['a1', 'a2', 'from stdin', 'b1'])
    const wrong = {
      [`${a}.missing`]: 'a.missing',
      [join(a, 'in-a-file')]: 'in-a-file',
      [tempFolder()]: 'EISDIR',
    }
    for (const [name, said] of Object.entries(wrong)) {
      const { code, messages } = await write('', {}, [name])
      expect([code, messages[0]]).toEqual([2, expect.stringContaining(said)])
    }
  })

  test('a record that cannot be written ends it with 1, says its line and how many were written', async () => {
    const { write, read } = await setUp()
    const big = 'x'.repeat(2000)
    const { code, messages } = await write(`one\n${big}\n`, { property: ['max.request.size=1000'] })
    expect(code).toBe(1)
    expect(messages[0]).toMatch(
      /^standard input:2: The message is \d+ bytes .*\n1 records were written, 1 could not/s,
    )
    expect((await read()).lines).toEqual(['one'])
    expect(await write('{"payload":"ok"}\nno json\n', { json: true })).toMatchObject({ code: 1 })
    expect((await read()).lines).toEqual(['one', 'ok'])
  })

  test('stops reading when a record fails, though its input stays open', async () => {
    const { at } = await setUp()
    const stdin = new PassThrough()
    const writing = outcome(
      (io) => produce([], { ...at, topic: 't', json: true }, io),
      new MemoryIo({ stdin }),
    )
    stdin.write('no json\n')
    expect((await writing).code).toBe(1)
  })

  test('starts where it is told, in the partition it is told, and ends after so many', async () => {
    const { create, write, read } = await setUp()
    await create('t', '2')
    await write('0\n1\n2\n3\n4\n', { partition: '0' })
    await write('a\nb\n', { partition: '1' })
    expect((await read({ partition: '1' })).lines).toEqual(['a', 'b'])
    expect([...(await read({ offset: '-1' })).lines].sort()).toEqual(['4', 'b'])
    expect((await read({ offset: '3', partition: '0' })).lines).toEqual(['3', '4'])
    expect((await read({ offset: 'end' })).lines).toEqual([])
    expect((await read({ count: '3', partition: '0' })).lines).toEqual(['0', '1', '2'])
    expect((await read({ count: '6', exit: false })).lines).toHaveLength(6)
  })

  test('follows until a signal comes, and ends as the signal says', async () => {
    const { at, write } = await setUp()
    await write('one\n')
    const io = new MemoryIo()
    const following = consume({ ...at, topic: 't' }, io)
    await until(() => io.lines.length === 1)
    await write('two\n')
    await until(() => io.lines.length === 2)
    io.interrupt()
    expect(await following).toBe(130)
  })

  test('ends quietly when nobody reads any more, and says when the disk is full', async () => {
    const { at, write } = await setUp()
    await write('one\n')
    const failing = (code: string) =>
      outcome(
        (io) => consume({ ...at, topic: 't' }, io),
        new MemoryIo({ write: () => Promise.reject(Object.assign(new Error(code), { code })) }),
      )
    expect(await failing('EPIPE')).toEqual({ code: 0, lines: [], messages: [] })
    expect(await failing('ENOSPC')).toEqual({ code: 1, lines: [], messages: ['ENOSPC'] })
  })

  test('does not read ahead of an output that takes its time', async () => {
    const { at, write } = await setUp()
    await write('x\n'.repeat(3000))
    let writing = 0
    const slow = async () => {
      expect(++writing).toBe(1)
      await new Promise((resolve) => setTimeout(resolve, 5))
      writing--
    }
    const io = new MemoryIo({ write: slow })
    expect(await consume({ ...at, topic: 't', exit: true }, io)).toBe(0)
    expect(io.lines).toHaveLength(3000)
  })

  test('leaves out what a transaction has not committed, where asked to', async () => {
    const { at, write, read } = await setUp()
    await write('committed\n')
    const settings = { 'bootstrap.servers': at.bootstrap, 'transactional.id': 'open' }
    const listener = { acknowledged: () => {}, failed: () => {} }
    const producer = kafkaClients().producer(settings, listener, silentLogger)
    onTestFinished(() => producer.close(1000))
    await producer.initTransactions()
    producer.beginTransaction()
    const record = { topic: 't', partition: 0, timestamp: null, key: null, headers: null }
    producer.send({ ...record, value: Buffer.from('open') }, null)
    await producer.flush()
    expect((await read()).lines).toEqual(['committed', 'open'])
    expect((await read({ isolationLevel: 'read_committed' })).lines).toEqual(['committed'])
  })
})

describe('a group', () => {
  test('goes on behind what was printed, not behind what was fetched', async () => {
    const { at, write, read } = await setUp()
    await write('1\n2\n3\n4\n5\n')
    expect((await read({ group: 'g', count: '2' })).lines).toEqual(['1', '2'])
    const described = () => outcome((io) => describeGroup('g', at, io))
    expect((await described()).lines).toEqual(['t\t0\t2\t5\t3'])
    expect((await read({ group: 'g' })).lines).toEqual(['3', '4', '5'])
    expect((await described()).lines).toEqual(['t\t0\t5\t5\t0'])
    expect((await outcome((io) => listGroups(at, io))).lines).toEqual(['g\tEmpty\tconsumer'])
  })

  test('nothing is committed without one', async () => {
    const { at, write, read } = await setUp()
    await write('1\n')
    await read()
    expect((await outcome((io) => listGroups(at, io))).lines).toEqual([])
  })

  test('is reset and deleted with --yes only', async () => {
    const { at, write, read } = await setUp()
    await write('1\n2\n3\n')
    await read({ group: 'g' })
    const reset = { ...at, topic: 't', to: '1' }
    const shown = await outcome((io) => resetGroup('g', reset, io))
    expect(shown).toMatchObject({ code: 2, lines: ['t\t0\t3\t1'] })
    expect(shown.messages[0]).toContain('Nothing was done')
    expect((await read({ group: 'g' })).lines).toEqual([])
    expect((await outcome((io) => resetGroup('g', { ...reset, yes: true }, io))).code).toBe(0)
    expect((await read({ group: 'g' })).lines).toEqual(['2', '3'])

    expect((await outcome((io) => deleteGroup('g', at, io))).code).toBe(2)
    expect((await outcome((io) => deleteGroup('g', { ...at, yes: true }, io))).code).toBe(0)
    expect((await outcome((io) => describeGroup('g', at, io))).messages).toEqual(['There is no group g.'])
  })

  test('that has members is left alone', async () => {
    const { at, write } = await setUp()
    await write('1\n')
    const io = new MemoryIo()
    const member = consume({ ...at, topic: 't', group: 'g' }, io)
    await until(() => io.lines.length === 1)
    const to = { ...at, topic: 't', to: 'beginning', yes: true }
    const refused = await outcome((other) => resetGroup('g', to, other))
    expect(refused).toMatchObject({ code: 1, messages: [expect.stringContaining('has members')] })
    io.interrupt()
    expect(await member).toBe(130)
  })
})

describe('topics', () => {
  test('are created, listed, described and deleted', async () => {
    const { at, create, write } = await setUp()
    expect((await create('t', '2')).code).toBe(0)
    expect(await create('t')).toMatchObject({ code: 1, messages: [expect.stringContaining('already')] })
    const config = ['retention.ms=9000', 'cleanup.policy=delete']
    await outcome((io) => createTopic('a', { ...at, config }, io))
    await write('1\n2\n', { partition: '1' })
    expect((await outcome((io) => listTopics(at, io))).lines).toEqual(['a\t1', 't\t2'])
    expect((await outcome((io) => describeTopic('t', at, io))).lines).toEqual([
      't\t0\t0\t0\t0',
      't\t1\t0\t2\t2',
    ])
    const described = await outcome((io) => describeTopic('a', { ...at, json: true }, io))
    expect(JSON.parse(described.lines[0]!)).toMatchObject({ topic: 'a', configs: { 'retention.ms': '9000' } })

    expect((await outcome((io) => deleteTopics(['a', 't'], at, io))).code).toBe(2)
    expect((await outcome((io) => deleteTopics(['a', 'x'], { ...at, yes: true }, io))).code).toBe(2)
    expect((await outcome((io) => deleteTopics(['a', 't'], { ...at, yes: true }, io))).code).toBe(0)
    expect((await outcome((io) => listTopics(at, io))).lines).toEqual([])
  })

  test('are aligned at a terminal', async () => {
    const { at, create } = await setUp()
    await create('orders')
    const { lines } = await outcome((io) => listTopics(at, io), new MemoryIo({ isTerminal: true }))
    expect(lines).toEqual(['TOPIC   PARTITIONS', 'orders           1'])
  })
})

describe('the brokers', () => {
  test('are those of the worker file, or those that are named', async () => {
    const { at, create } = await setUp()
    await create('t')
    const away = `127.0.0.1:${await freePort()}`
    const worker = (bootstrap: string) =>
      propertiesFile(tempFolder(), 'worker.properties', {
        'bootstrap.servers': bootstrap,
        'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
        'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
        'offset.storage.file.filename': 'connect.offsets',
        'admin.bootstrap.servers': bootstrap,
      })
    const list = (options: object) => outcome((io) => listTopics(options, io))
    expect((await list({ worker: worker(at.bootstrap) })).lines).toEqual(['t\t1'])
    expect((await list({ worker: worker(away), ...at })).lines).toEqual(['t\t1'])
    const unreachable = await list({ worker: worker(away) })
    expect(unreachable).toMatchObject({ code: 3, messages: [expect.stringContaining('cannot be reached')] })
    expect((await list({ worker: 'missing.properties' })).code).toBe(2)
  })

  test('settings that no client knows are refused, before any broker is asked', async () => {
    const of = (property: string) => outcome((io) => listTopics({ property: [property] }, io))
    const wrong = await of('fetch.mx.bytes=1')
    expect(wrong).toMatchObject({
      code: 2,
      messages: [expect.stringContaining('Did you mean fetch.max.bytes?')],
    })
    expect((await of('acks=many')).code).toBe(2)
    expect((await of('acks')).code).toBe(2)
  })

  test('what is missing there, or cannot be meant, is usage', async () => {
    const { create, read, write } = await setUp()
    await create('t', '2')
    for (const options of [
      { topic: 'absent' },
      { partition: '2' },
      { offset: 'x' },
      { count: '0' },
      { format: '%x' },
      { json: true, format: '%s' },
      { group: 'g', partition: '0' },
      { group: 'g', offset: '5' },
      { isolationLevel: 'x' },
    ])
      expect((await read(options)).code, JSON.stringify(options)).toBe(2)
    expect((await write('x\n', { partition: '2' })).code).toBe(2)
  })

  test('a topic or partition that is not there is named, whoever asks for it', async () => {
    const { at, create, read, write } = await setUp()
    await create('t', '2')
    const reset = (options: { topic: string; partition?: string }) =>
      outcome((io) => resetGroup('g', { ...at, to: 'end', ...options }, io))
    const absent = { code: 2, lines: [], messages: ['There is no topic absent.'] }
    expect(await read({ topic: 'absent' })).toEqual(absent)
    expect(await outcome((io) => describeTopic('absent', at, io))).toEqual(absent)
    expect(await reset({ topic: 'absent' })).toEqual(absent)
    const tooFar = { code: 2, lines: [], messages: ['Topic t has no partition 2: it has 2, from 0.'] }
    expect(await read({ partition: '2' })).toEqual(tooFar)
    expect(await write('x\n', { partition: '2' })).toEqual(tooFar)
    expect(await reset({ topic: 't', partition: '2' })).toEqual(tooFar)
  })
})
