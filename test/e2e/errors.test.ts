import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  configDef,
  defineSinkConnector,
  RetriableError,
  type SinkRecord,
  type SinkTaskContext,
} from '../../src/index.ts'
import type { ConsumerRecord } from '../../src/kafka/client.ts'
import { headerTexts } from '../support/fake-errors.ts'
import { readTopic } from '../support/read-topic.ts'
import { until } from '../support/until.ts'
import { workerInProcess } from '../support/worker-in-process.ts'

const context = {
  'errors.tolerance': 'all',
  'errors.deadletterqueue.topic.name': 'dead',
  'errors.deadletterqueue.topic.replication.factor': '1',
  'errors.deadletterqueue.context.headers.enable': 'true',
}

/** Fails once for a passing reason, at the word `outage`, and reports every record with the word `refuse`. */
function choosySink(taken: string[], reported: SinkRecord[]) {
  let wasOut = false
  return defineSinkConnector({
    name: 'ChoosySinkConnector',
    config: configDef({}),
    startTask: (_: unknown, task: SinkTaskContext) => ({
      async put(records: readonly SinkRecord[]) {
        for (const record of records) {
          const word = String(record.value.value)
          if (word === 'refuse') {
            reported.push(record)
            await task.errantRecordReporter()!.report(record, new Error('not this one'))
          } else taken.push(word)
          if (word === 'outage' && !wasOut) {
            wasOut = true
            throw new Error('gone', { cause: new RetriableError('comes back') })
          }
        }
      },
    }),
  })
}

async function deadLetters(bootstrap: string, count: number): Promise<readonly ConsumerRecord[]> {
  const letters: ConsumerRecord[] = []
  await readTopic(
    bootstrap,
    'dead',
    (record) => letters.push(record),
    () => letters.length >= count,
  )
  return letters
}

test('dead letters reach their topic from a sink, and what was counted outlives a restart of the task', async () => {
  const taken: string[] = []
  const reported: SinkRecord[] = []
  const { herder, folder, bootstrap, url } = await workerInProcess([choosySink(taken, reported)])
  const input = join(folder, 'in.txt')
  writeFileSync(input, 'one\nrefuse\ntwo\noutage\n')
  await herder.createConnector('in', {
    'name': 'in',
    'connector.class': 'FileStreamSource',
    'file': input,
    'topic': 't',
  })
  await herder.createConnector('out', {
    'name': 'out',
    'connector.class': 'ChoosySinkConnector',
    'topics': 't',
    ...context,
  })
  await until(() => herder.connectorHealth('out')!.tasks[0]!.restarts > 0 && taken.includes('two'))
  writeFileSync(input, 'three\nrefuse\n', { flag: 'a' })
  await until(() => reported.at(-1)?.offset === 5)
  const letters = await deadLetters(bootstrap, 2)
  expect([...new Set(letters.map(({ value }) => value?.toString()))]).toEqual(['refuse'])
  const headers = new Map(headerTexts(letters[0]!.headers))
  expect(headers.get('__connect.errors.stage')).toBe('TASK_PUT')
  expect(headers.get('__connect.errors.exception.message')).toBe('not this one')
  const health = await until(async () => {
    const answer = await fetch(`${url}/connectors/out/health`)
    const { tasks } = (await answer.json()) as { tasks: { errors: Record<string, number> }[] }
    return tasks[0]!.errors['deadletterqueue-produce-requests'] === reported.length && tasks[0]!
  })
  expect(health.errors).toMatchObject({
    'total-record-failures': reported.length,
    'total-record-errors': 0,
    'deadletterqueue-produce-failures': 0,
  })
  expect(health.errors['last-error-timestamp']).toBeGreaterThan(0)
})

test('dead letters reach their topic from a source, and its offset goes on', async () => {
  const { herder, folder, bootstrap } = await workerInProcess([])
  const input = join(folder, 'in.txt')
  writeFileSync(input, '1\nnot a number\n3\n')
  await herder.createConnector('in', {
    'name': 'in',
    'connector.class': 'FileStreamSource',
    'file': input,
    'topic': 't',
    'transforms': 'cast',
    'transforms.cast.type': 'Cast$Value',
    'transforms.cast.spec': 'int32',
    ...context,
  })
  const [letter] = await deadLetters(bootstrap, 1)
  expect(letter!.value?.toString()).toBe('not a number')
  const headers = new Map(headerTexts(letter!.headers))
  expect(headers.get('__connect.errors.stage')).toBe('TRANSFORMATION')
  expect(headers.get('__connect.errors.class.name')).toBe('org.apache.kafka.connect.transforms.Cast$Value')
  expect(headers.get('__connect.errors.source.partition')).toBe(JSON.stringify({ filename: input }))
  expect(headers.get('__connect.errors.source.offset')).toBe('{"position":15}')
  const values: (string | undefined)[] = []
  await readTopic(
    bootstrap,
    't',
    ({ value }) => values.push(value?.toString()),
    () => values.length >= 2,
  )
  expect(values).toEqual(['1', '3'])
  await until(async () => {
    const [entry] = await herder.connectorOffsets('in')
    return entry?.offset?.['position'] === 17
  })
})
