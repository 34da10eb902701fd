import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { kafkaClients } from '../../src/kafka/kafkajs-clients.ts'
import { silentLogger } from '../../src/util/logger.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { until } from '../support/until.ts'
import { launcher } from '../support/worker-process.ts'

const program = join(dirname(launcher), 'tsconnect.js')
const env = { ...process.env, NO_COLOR: '1' }

/** A command as a user runs it, gone when the test is over. */
function start(...args: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [program, ...args], { env, stdio: 'pipe' })
  const gone = once(child, 'close')
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await gone
  })
  return child
}

function run(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [program, ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    })
    child.stdin!.end()
  })
}

async function startBroker(...args: readonly string[]) {
  const child = start('broker', '--listen', '127.0.0.1:0', ...args)
  let output = ''
  child.stdout!.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const [, bootstrap] = await until(() => /served at ([^\s,]+).*\n.*\n/.exec(output), { what: 'the broker' })
  const stop = async (signal: NodeJS.Signals): Promise<number> => {
    const exited = once(child, 'exit')
    child.kill(signal)
    return (await exited)[0] as number
  }
  return { bootstrap: bootstrap!, output: () => output, stop }
}

describe('tsconnect broker', () => {
  test('says where it is, keeps its data, and ends as its signal says', async () => {
    const data = join(tempFolder(), 'data')
    const first = await startBroker('--data', data)
    expect(first.output()).toBe(
      `Kafka clients are served at ${first.bootstrap}\nThe data is in ${data}, flushed once a second\n`,
    )
    const at = ['--bootstrap', first.bootstrap]
    const writing = start('produce', '-t', 't', ...at)
    writing.stdin!.end('one\ntwo')
    expect(await once(writing, 'exit')).toEqual([0, null])

    const second = await run('broker', '--listen', '127.0.0.1:0', '--data', data)
    expect(second).toMatchObject({ code: 2, stdout: '' })
    expect(second.stderr).toContain('is in use by another broker')
    const third = await run('broker', '--listen', first.bootstrap, '--memory')
    expect(third).toMatchObject({ code: 2, stdout: '' })
    expect(third.stderr).toContain('another program listens there')

    expect(await first.stop('SIGTERM')).toBe(143)
    const again = await startBroker('--data', data, '--flush', 'always')
    const read = await run('consume', '-t', 't', '-e', '--bootstrap', again.bootstrap)
    expect(read).toEqual({ code: 0, stdout: 'one\ntwo\n', stderr: '' })
    expect(await again.stop('SIGINT')).toBe(130)
  })

  test('tells clients the address that they reach', async () => {
    const broker = await startBroker('--memory', '--advertise', 'edge.example:9092')
    expect(broker.output()).toContain('and told to connect to edge.example:9092\n')
    expect(broker.output()).toContain('The data is in memory only\n')
    const admin = kafkaClients().admin({ 'bootstrap.servers': broker.bootstrap }, silentLogger)
    onTestFinished(() => admin.close())
    expect((await admin.describeCluster(5000)).brokers).toEqual(['edge.example:9092'])
  })

  test('lets no other machine in unless asked to', async () => {
    const refused = await run('broker', '--listen', '0.0.0.0:0', '--memory')
    expect(refused).toMatchObject({ code: 2, stdout: '' })
    expect(refused.stderr).toContain('--insecure')
  })

  test('says what is wrong with its folder and its options', async () => {
    const file = join(tempFolder(), 'file')
    writeFileSync(file, '')
    for (const [args, said] of [
      [['--data', join(file, 'data')], `The broker cannot use the folder ${join(file, 'data')}`],
      [['--listen', '9092'], 'An address looks like'],
      [['--listen', '127.0.0.1:99999'], 'An address looks like'],
      [['--flush', 'sometimes'], 'It takes interval, always, never'],
      [['--log-level', 'LOUD'], 'LOUD is not understood'],
      [['--nonsense'], 'unknown option'],
    ] as const) {
      const { code, stdout, stderr } = await run('broker', '--listen', '127.0.0.1:0', ...args)
      expect({ code, stdout }, args.join(' ')).toEqual({ code: 2, stdout: '' })
      expect(stderr).toContain(said)
    }
    expect(await run('broker', '--help')).toMatchObject({ code: 0, stderr: '' })
  })
})

describe('in a pipe', () => {
  test('more than memory should hold goes through, and the one who reads may leave early', async () => {
    const { bootstrap } = await startBroker('--data', join(tempFolder(), 'data'))
    const block = Buffer.from(`${'x'.repeat(99)}\n`.repeat(1000))
    const writing = start('produce', '-t', 't', '--bootstrap', bootstrap)
    const written = once(writing, 'exit')
    const blocks = Readable.from(Array.from({ length: 300 }, () => block))
    await pipeline(blocks, writing.stdin!)
    expect(await written).toEqual([0, null])
    const { stdout } = await run('topics', 'describe', 't', '--bootstrap', bootstrap)
    expect(stdout).toBe('t\t0\t0\t300000\t300000\n')

    const reading = start('consume', '-t', 't', '--bootstrap', bootstrap)
    let said = ''
    reading.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()))
    await once(reading.stdout!, 'data')
    reading.stdout!.destroy()
    expect(await once(reading, 'exit')).toEqual([0, null])
    expect(said).toBe('')
  })

  test('secrets are not said', async () => {
    const jaas = 'sasl.jaas.config=org.example.PlainLoginModule required username="u" password="hush-hush";'
    const { code, stderr } = await run('topics', '-X', 'security.protocol=SASL_PLAINTEXT', '-X', jaas)
    expect(code).toBe(2)
    expect(stderr).not.toBe('')
    expect(stderr).not.toContain('hush-hush')
  })
})

describe('what is loaded', () => {
  /** The modules that an entry point of the bundle cannot do without, by their own names. */
  function modulesOf(entry: string): string {
    const dist = join(dirname(program), '../dist')
    const seen = new Set<string>()
    const visit = (file: string): string => {
      if (seen.has(file)) return ''
      seen.add(file)
      const text = readFileSync(file, 'utf8')
      const imports = [
        ...text.matchAll(/^(?:import|\} from|export \{.*\} from)\s*(?:\{[^}]*\} from )?"(\.[^"]+)"/gm),
      ]
      return text + imports.map(([, path]) => visit(join(dirname(file), path!))).join('')
    }
    const names = [...visit(join(dist, entry)).matchAll(/^\/\/ (src\/\S+\.ts)$/gm)]
    return names.map(([, name]) => name!).join('\n')
  }

  test('a worker loads none of these commands, and the program only the one that is called', () => {
    expect(modulesOf('standalone.js')).toContain('src/cli/run-standalone.ts')
    expect(modulesOf('standalone.js')).not.toMatch(/src\/cli\/kafka\/|src\/cli\/commands\//)
    expect(modulesOf('tsconnect.js')).toContain('src/cli/kafka-commands.ts')
    expect(modulesOf('tsconnect.js')).not.toMatch(
      /src\/kafka\/|src\/broker\/|src\/cli\/kafka\/|src\/runtime\//,
    )
  })
})
