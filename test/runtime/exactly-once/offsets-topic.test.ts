import { describe, expect, test } from 'vitest'
import { OffsetsTopic } from '../../../src/runtime/exactly-once/offsets-topic.ts'
import { createLogger, LogOutput } from '../../../src/util/logger.ts'
import { MemoryKafka } from '../../support/memory-kafka.ts'
import { MemoryOffsetFile } from '../../support/offsets-topic.ts'

const user = { connector: 'c', props: {} }
const key = '["c",{"p":1}]'
const other = '["d",{"p":1}]'
const name = 'tsconnect-offsets-worker-1'

function setUp({ acceptLostOffsets = false, file = new MemoryOffsetFile(), kafka = new MemoryKafka() } = {}) {
  const lines: string[] = []
  const topic = new OffsetsTopic({
    isEnabled: true,
    clients: kafka,
    workerProps: { 'bootstrap.servers': 'here:9092' },
    file,
    acceptLostOffsets,
    log: createLogger(new LogOutput((line) => lines.push(line)), 'test'),
  })
  const start = async (task = 0) => {
    const offsets = topic.of(user, task)
    const producer = kafka.producer(
      { 'transactional.id': `tsconnect-worker-1-c-${task}` },
      { acknowledged: () => {}, failed: () => {} },
    )
    await producer.initTransactions()
    await offsets.prepare(producer)
    return { producer, offsets }
  }
  const inTopic = () => {
    const found = new Map(kafka.topics.get(name))
    found.delete('owner')
    return found
  }
  return { kafka, file, topic, start, inTopic, lines }
}

describe('the offsets topic', () => {
  test('is made once, compacted, with what the file has of the connector', async () => {
    const { file, kafka, start, inTopic } = setUp()
    file.set([
      [key, '{"n":5}'],
      [other, '{"n":6}'],
    ])
    await start()
    await start()
    expect(kafka.created).toMatchObject([
      { name, partitions: 1, replicationFactor: -1, configs: { 'cleanup.policy': 'compact' } },
    ])
    expect([...inTopic()]).toEqual([[key, '{"n":5}']])
    expect(file.mark('c')).toEqual({ state: 'topic', tasks: 1 })
    expect(kafka.topics.get(name)).toHaveLength(2)
  })

  test('counts: the file follows it', async () => {
    const first = setUp()
    first.file.set([[key, '{"n":5}']])
    await first.start()
    first.kafka.topics.get(name)!.push([key, '{"n":7}'], ['["c",{"p":2}]', '{"n":1}'], [other, '{"n":9}'])
    const { file } = setUp(first)
    await setUp(first).start()
    expect([...file.entries]).toEqual([
      [key, '{"n":7}'],
      ['["c",{"p":2}]', '{"n":1}'],
    ])
    first.kafka.topics.get(name)!.push([key, null])
    await setUp(first).topic.refresh(user)
    expect(file.entries.get(key)).toBeNull()
  })

  test('that is gone stops the connector, until that is accepted', async () => {
    const first = setUp()
    first.file.set([[key, '{"n":5}']])
    await first.start()
    first.kafka.topics.clear()
    await expect(setUp(first).start()).rejects.toThrow(
      /kept in topic tsconnect-offsets-worker-1, and it does not hold any on the cluster at here:9092.*--accept-lost-offsets/,
    )
    expect(first.kafka.topics.size).toBe(0)
    const again = setUp({ ...first, acceptLostOffsets: true })
    await again.start()
    expect([...again.inTopic()]).toEqual([[key, '{"n":5}']])
    expect(again.lines.join()).toContain('because of --accept-lost-offsets')
    await setUp(first).start()
  })

  test('that knows more than a file from before stops the connector, until that is accepted', async () => {
    const first = setUp()
    first.file.set([[key, '{"n":5}']])
    await first.start()
    const file = new MemoryOffsetFile()
    await expect(setUp({ ...first, file }).start()).rejects.toThrow(/the file is older than the topic/)
    await setUp({ ...first, file, acceptLostOffsets: true }).start()
    expect(file.entries.get(key)).toBe('{"n":5}')
  })

  test('of a file that was here before and is gone stops the connector', async () => {
    const first = setUp()
    first.file.set([[key, '{"n":5}']])
    await first.start()
    class NewFile extends MemoryOffsetFile {
      override readonly workerId = 'worker-2'
    }
    await expect(setUp({ ...first, file: new NewFile() }).start()).rejects.toThrow(
      /topic tsconnect-offsets-worker-1 holds the offsets of connector c from an offset file that was at \/offsets/,
    )
    class Elsewhere extends NewFile {
      override readonly path = '/elsewhere'
    }
    await setUp({ ...first, file: new Elsewhere() }).start()
    await setUp({ ...first, file: new NewFile(), acceptLostOffsets: true }).start()
  })

  test('is filled after all when the first start was cut short before that', async () => {
    const { kafka, file, start, inTopic } = setUp()
    file.set([[key, '{"n":5}']])
    file.setMark('c', { state: 'making', tasks: 1 })
    kafka.topics.set(name, [])
    await start()
    expect([...inTopic()]).toEqual([[key, '{"n":5}']])
    expect(kafka.created).toEqual([])
  })

  test('is left when transactions are switched off, and made anew from the file when they come back', async () => {
    const first = setUp()
    first.file.set([[key, '{"n":5}']])
    await first.start()
    first.kafka.topics.get(name)!.push([key, '{"n":7}'], ['["c",{"p":2}]', '{"n":1}'])
    await setUp(first).topic.leave(user)
    expect(first.file.entries.get(key)).toBe('{"n":7}')
    expect(first.file.mark('c')?.state).toBe('left')
    first.file.set([
      [key, '{"n":9}'],
      ['["c",{"p":2}]', null],
    ])
    const back = setUp(first)
    await back.start()
    expect([...back.inTopic()]).toEqual([
      [key, '{"n":9}'],
      ['["c",{"p":2}]', null],
    ])
  })

  test('is left with a warning when it is gone', async () => {
    const first = setUp()
    first.file.set([[key, '{"n":5}']])
    await first.start()
    first.kafka.topics.clear()
    const { topic, lines, file } = setUp(first)
    await topic.leave(user)
    expect(lines.join()).toMatch(/is not there.*may be behind/)
    expect(file.mark('c')?.state).toBe('left')
  })

  test('takes changes by hand in a transaction that ends those of tasks, and the file has them, too', async () => {
    const { kafka, topic, file, start, inTopic } = setUp()
    const { producer } = await start()
    await topic.alter(user, [
      { partition: { p: 1 }, offset: { n: 3 } },
      { partition: { p: 2 }, offset: null },
    ])
    expect([...inTopic()]).toEqual([
      [key, '{"n":3}'],
      ['["c",{"p":2}]', null],
    ])
    expect(file.entries.get(key)).toBe('{"n":3}')
    expect(kafka.producers.at(-1)).toMatchObject({ transactionalId: 'tsconnect-worker-1-c-0' })
    expect(() => producer.beginTransaction()).toThrow(expect.objectContaining({ code: 'PRODUCER_FENCED' }))
  })

  test('ends the transactions of tasks that there are no more, not those of the living', async () => {
    const first = setUp()
    for (const task of [0, 1, 2]) await first.start(task)
    expect(first.file.mark('c')).toEqual({ state: 'topic', tasks: 3 })
    const before = first.kafka.producers.length
    const again = setUp(first)
    const { producer } = await again.start(1)
    const opened = again.kafka.producers.slice(before).map(({ transactionalId }) => transactionalId)
    expect(opened).toEqual(['tsconnect-worker-1-c-1', 'tsconnect-worker-1-c-0', 'tsconnect-worker-1-c-2'])
    await again.start(0)
    producer.beginTransaction()
    expect(again.kafka.producers).toHaveLength(before + 4)
  })
})
