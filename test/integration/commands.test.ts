import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, onTestFinished, test } from 'vitest'
import { tempFolder } from '../support/temp-folder.ts'
import { until } from '../support/until.ts'
import { launcher } from '../support/worker-process.ts'
import { hasKcat, JavaProcess, kafkaBootstrap, kafkaLibs, uniqueName } from './support/services.ts'

const program = join(launcher, '../tsconnect.js')
const limits = { timeout: 60_000, maxBuffer: 64_000_000 }

/** Runs a program with this input; what it printed. Throws when it ends with anything but 0. */
async function output(file: string, args: readonly string[], input = ''): Promise<string> {
  const running = promisify(execFile)(file, args, limits)
  running.child.stdin!.end(input)
  return (await running).stdout
}

const tsconnect = (bootstrap: string, args: readonly string[], input?: string) =>
  output(process.execPath, [program, ...args, '--bootstrap', bootstrap], input)
const kcat = (bootstrap: string, args: readonly string[], input?: string) =>
  output('kcat', ['-b', bootstrap, ...args], input)

/** `tsconnect broker`, on any free port. */
async function startBroker(): Promise<string> {
  const data = join(tempFolder(), 'data')
  const child = spawn(process.execPath, [program, 'broker', '--listen', '127.0.0.1:0', '--data', data])
  onTestFinished(async () => {
    child.kill('SIGTERM')
    await once(child, 'exit')
  })
  let said = ''
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  return (await until(() => /served at (\S+)\n/.exec(said), { what: 'the broker' }))[1]!
}

/** kcat says which broker it was, too. */
const withoutBroker = (lines: string) => lines.replaceAll('"broker":1,', '')
const count = 5000
const lines = (from: number) =>
  Array.from({ length: count }, (_, i) => `key ${(from + i) % 7}:value ${from + i}\n`).join('')

function sameAsKcat(name: string, isThere: boolean, open: () => Promise<string>): void {
  describe.skipIf(!isThere || !hasKcat)(`kcat and our commands at ${name}`, () => {
    test('print the same of what either has written', async () => {
      const bootstrap = await open()
      const topic = uniqueName('commands')
      await tsconnect(bootstrap, ['topics', 'create', topic, '--partitions', '3'])
      await tsconnect(bootstrap, ['produce', '-t', topic, '-K', ':', '-H', 'a=1', '-H', 'b'], lines(0))
      await kcat(bootstrap, ['-P', '-t', topic, '-K', ':', '-H', 'c=2', '-z', 'lz4'], lines(count))
      await tsconnect(bootstrap, ['produce', '-t', topic, '-K', ':', '-Z', '-p', '1'], 'gone:\n:no key\n')
      await kcat(bootstrap, ['-P', '-t', topic, '-K', ':', '-Z', '-p', '1'], 'gone:\n:no key\n')
      for (const partition of ['0', '1', '2']) {
        const format = '%t %p %o %T %K %k %S %s [%h]\\n'
        for (const args of [['-J'], ['-f', format], ['-Z', '-f', format], ['-K', '\t'], ['-o', '-3']]) {
          const common = ['-t', topic, '-p', partition, '-e', ...args]
          const expected = withoutBroker(await kcat(bootstrap, ['-C', '-q', ...common]))
          expect(await tsconnect(bootstrap, ['consume', ...common]), args.join(' ')).toBe(expected)
        }
      }
    })

    test('share a group', async () => {
      const bootstrap = await open()
      const [topic, group] = [uniqueName('shared'), uniqueName('group')]
      await tsconnect(bootstrap, ['produce', '-t', topic], 'one\ntwo\nthree\n')
      expect(await tsconnect(bootstrap, ['consume', '-t', topic, '-G', group, '-c', '1'])).toBe('one\n')
      expect(await tsconnect(bootstrap, ['groups', 'describe', group])).toBe(`${topic}\t0\t1\t3\t2\n`)
      expect(await kcat(bootstrap, ['-G', group, '-q', '-c', '2', topic])).toBe('two\nthree\n')
      expect(await tsconnect(bootstrap, ['groups', 'describe', group])).toBe(`${topic}\t0\t3\t3\t0\n`)
      const reset = ['groups', 'reset', group, '--topic', topic, '--to', '-1', '--yes']
      expect(await tsconnect(bootstrap, reset)).toBe(`${topic}\t0\t3\t2\n`)
      expect(await tsconnect(bootstrap, ['consume', '-t', topic, '-G', group, '-e'])).toBe('three\n')
      expect(await tsconnect(bootstrap, ['groups'])).toContain(`${group}\tEmpty\tconsumer\n`)
      await tsconnect(bootstrap, ['groups', 'delete', group, '--yes'])
      expect(await tsconnect(bootstrap, ['groups'])).not.toContain(group)
    })

    test('see the same topics', async () => {
      const bootstrap = await open()
      const topic = uniqueName('listed')
      const config = 'message.timestamp.type=LogAppendTime'
      await tsconnect(bootstrap, ['topics', 'create', topic, '--partitions', '2', '--config', config])
      const listed = async () =>
        (JSON.parse(await kcat(bootstrap, ['-L', '-J'])) as { topics: { topic: string }[] }).topics
      expect((await listed()).map((each) => each.topic)).toContain(topic)
      await tsconnect(bootstrap, ['produce', '-t', topic, '-p', '1'], 'now\n')
      const read = ['-t', topic, '-p', '1', '-e', '-J']
      const expected = withoutBroker(await kcat(bootstrap, ['-C', '-q', ...read]))
      expect(expected).toContain('"logappend"')
      expect(await tsconnect(bootstrap, ['consume', ...read])).toBe(expected)
      const described = await tsconnect(bootstrap, ['topics', 'describe', topic, '--json'])
      expect(JSON.parse(described)).toMatchObject({
        partitions: [
          { partition: 0, start: 0, end: 0 },
          { partition: 1, start: 0, end: 1 },
        ],
        configs: { 'message.timestamp.type': 'LogAppendTime' },
      })
      await tsconnect(bootstrap, ['topics', 'delete', topic, '--yes'])
      await until(async () => !(await listed()).some((each) => each.topic === topic))
    })
  })
}

sameAsKcat('tsconnect broker', true, startBroker)
sameAsKcat('Apache Kafka', kafkaBootstrap !== null, async () => kafkaBootstrap!)

test.skipIf(kafkaLibs === null)("tsconnect broker serves Kafka's own console programs", async () => {
  const bootstrap = await startBroker()
  await tsconnect(bootstrap, ['produce', '-t', 'lines'], 'one\ntwo\n')
  const consumer = new JavaProcess([
    'org.apache.kafka.tools.consumer.ConsoleConsumer',
    ...['--bootstrap-server', bootstrap, '--topic', 'lines', '--from-beginning', '--max-messages', '2'],
  ])
  expect(await consumer.whenExited()).toBe(0)
  expect(consumer.output).toContain('one\ntwo\n')
})
