import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeNumberedLines } from '../support/numbered-lines.ts'
import { until } from '../support/until.ts'
import { workerInProcess } from '../support/worker-in-process.ts'

test('changing connectors while they run loses and repeats no record', { timeout: 90_000 }, async () => {
  const { folder, url, taskStates, lines } = await workerInProcess([])
  const [input, output] = [join(folder, 'in.txt'), join(folder, 'out.txt')]
  const [count, bytes] = [300_000, 100]
  await writeNumberedLines(input, count, bytes)
  const put = async (name: string, config: Record<string, string>) => {
    const answer = await fetch(`${url}/connectors/${name}/config`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(config),
    })
    expect([200, 201], await answer.text()).toContain(answer.status)
  }
  const source = { 'connector.class': 'FileStreamSource', 'file': input, 'topic': 't' }
  const sink = { 'connector.class': 'FileStreamSink', 'file': output, 'topics': 't' }
  await put('in', source)
  await put('out', sink)
  const written = () => (existsSync(output) ? statSync(output).size / (count * bytes) : 0)
  for (const [i, goal] of [0.1, 0.3, 0.5, 0.7, 0.9].entries()) {
    await until(() => written() >= goal, { what: `progress ${goal}`, everyMs: 1 })
    await put('in', { ...source, 'batch.size': String(1000 + i) })
    await put('out', { ...sink, 'consumer.override.max.poll.records': String(400 + i) })
    if (i % 2 === 0) {
      for (const what of ['pause', 'resume']) await fetch(`${url}/connectors/out/${what}`, { method: 'PUT' })
    } else {
      await fetch(`${url}/connectors/in/restart?includeTasks=true`, { method: 'POST' })
    }
  }
  await until(() => written() >= 1, { what: lines.slice(-20).join(''), timeoutMs: 60_000 })
  const hash = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex')
  expect(hash(output)).toBe(hash(input))
  expect([...taskStates('in'), ...taskStates('out')]).toEqual(['RUNNING', 'RUNNING'])
})
