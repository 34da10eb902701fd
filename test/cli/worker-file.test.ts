import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { placed, readWorkerFile } from '../../src/cli/worker-file.ts'
import { ConfigError } from '../../src/errors.ts'
import { createLogger, LogOutput, silentLogger } from '../../src/util/logger.ts'
import { redact } from '../../src/util/secrets.ts'
import { tempFolder } from '../support/temp-folder.ts'

const needed = ['key.converter=StringConverter', 'value.converter=StringConverter']
const offsets = 'offset.storage.file.filename=connect.offsets'

function workerFile(lines: readonly string[], dotEnv?: string): string {
  const folder = tempFolder()
  if (dotEnv !== undefined) writeFileSync(join(folder, '.env'), dotEnv)
  const path = join(folder, 'worker.properties')
  writeFileSync(path, lines.join('\n'))
  return path
}

function problemOf(path: string): ConfigError {
  try {
    readWorkerFile(path, silentLogger)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return error as ConfigError
  }
  throw new Error('The file was accepted.')
}

describe('a worker file', () => {
  test('gives settings with their defaults and keeps what it does not know', () => {
    const { settings, props } = readWorkerFile(
      workerFile([...needed, offsets, 'producer.linger.ms=5', 'rest.port=1']),
      silentLogger,
    )
    expect(settings['offset.storage.file.filename']).toBe('connect.offsets')
    expect(settings['bootstrap.servers']).toEqual(['localhost:9092'])
    expect(settings.listeners).toEqual(['http://localhost:8083'])
    expect(settings['offset.flush.interval.ms']).toBe(60_000)
    expect(props['producer.linger.ms']).toBe('5')
    expect(props['rest.port']).toBe('1')
  })

  test('finds variables in .env beside it; the environment wins', () => {
    const file = workerFile(
      [...needed, 'offset.storage.file.filename=${env:TSC_TEST_FILE}', 'client.id=${env:PATH}'],
      'TSC_TEST_FILE="from .env"\nPATH=nowhere\n',
    )
    const { props } = readWorkerFile(file, silentLogger)
    expect(props['offset.storage.file.filename']).toBe('from .env')
    expect(props['client.id']).toBe(process.env['PATH'])
  })

  test('resolves variables of connectors too, with the same providers', () => {
    const { resolve } = readWorkerFile(workerFile([...needed, offsets], 'TOPIC=lines\n'), silentLogger)
    expect(resolve({ topic: '${env:TOPIC}', file: '${nobody:a:b}', key: null })).toEqual({
      props: { topic: 'lines', file: '${nobody:a:b}', key: null },
      ttlMs: null,
    })
  })

  test('warns of settings that stand in it twice, with every place', () => {
    const file = workerFile([...needed, offsets, 'client.id=a', '', '  client.id=b', 'client.id=c'])
    const lines: string[] = []
    const log = createLogger(new LogOutput((line) => lines.push(line)), 'test')
    expect(readWorkerFile(file, log).props['client.id']).toBe('c')
    expect(lines.join('')).toContain(
      `WARN client.id is set 3 times (${file}:4:1, ${file}:6:3, ${file}:7:1); the last one counts.`,
    )
  })

  for (const { what, lines, place, message } of [
    {
      what: 'a setting of the wrong type',
      lines: [...needed, offsets, '', 'offset.flush.interval.ms=often'],
      place: ':5:1',
      message: 'Invalid value often for configuration offset.flush.interval.ms: Not a number of type LONG',
    },
    {
      what: 'the last of two',
      lines: [...needed, offsets, 'listeners=http://a:1', 'listeners=b'],
      place: ':5:1',
      message: "Listener doesn't have the right format",
    },
    {
      what: 'a setting that is missing',
      lines: needed,
      place: '',
      message: 'Missing required configuration "offset.storage.file.filename" which has no default value.',
    },
  ]) {
    test(`is refused for ${what}, with its place`, () => {
      const file = workerFile(lines)
      const { message: found } = problemOf(file)
      expect(found).toContain(message)
      expect(found.endsWith(`(${file}${place})`)).toBe(true)
    })
  }

  test('with an empty name is an empty file', () => {
    expect(problemOf('').message).toBe(
      'Missing required configuration "key.converter" which has no default value. (the empty worker file)',
    )
  })
})

describe('secrets', () => {
  test('of the worker file, and of settings resolved with it, are known to be secret from then on', () => {
    const file = workerFile(
      [...needed, offsets, 'producer.sasl.jaas.config=x.LoginModule required password="worker-file-1";'],
      'SECRET_2=worker-file-2',
    )
    const { resolve } = readWorkerFile(file, silentLogger)
    resolve({ 'connection.password': '${env:SECRET_2}', 'topic': 'worker-file-3' })
    expect(redact('worker-file-1, worker-file-2, worker-file-3')).toBe('[hidden], [hidden], worker-file-3')
  })
})

describe('a step that a setting makes fail', () => {
  test('fails with the place of the setting; other errors stay as they are', async () => {
    const { source } = readWorkerFile(workerFile([...needed, offsets]), silentLogger)
    const failing = (error: Error) =>
      placed(source, async () => {
        throw error
      })
    await expect(failing(new ConfigError('Bad.', { key: 'value.converter' }))).rejects.toThrow(
      `Bad. (${source.file}:2:1)`,
    )
    const other = new Error('Other.')
    await expect(failing(other)).rejects.toBe(other)
  })
})
