import { writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../../src/errors.ts'
import { basicAuth } from '../../../src/rest/basic-auth/basic-auth.ts'
import { readLoginModules } from '../../../src/rest/basic-auth/jaas-file.ts'
import { createLogger, LogOutput } from '../../../src/util/logger.ts'
import { tempFolder } from '../../support/temp-folder.ts'
import { FakeHerder } from '../fake-herder.ts'
import { openRest } from '../open-rest.ts'

const extensions = 'org.apache.kafka.connect.rest.basic.auth.extension'
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

function setUp({
  credentials = 'ann=s3:cret\nbob=',
  jaas,
}: { credentials?: string | null; jaas?: string } = {}) {
  const folder = tempFolder()
  const [file, jaasFile] = [join(folder, 'credentials.properties'), join(folder, 'jaas.conf')]
  if (credentials !== null) writeFileSync(file, credentials)
  const text = `KafkaConnect {\n  ${extensions}.PropertyFileLoginModule required\n  file="${file}";\n};\n`
  writeFileSync(jaasFile, jaas ?? text)
  const lines: string[] = []
  const log = createLogger(new LogOutput((line) => lines.push(line)), 'test')
  return { file, jaasFile, lines, open: () => basicAuth(jaasFile, log) }
}

async function served(options: Parameters<typeof setUp>[0] = {}) {
  const { open, ...rest } = setUp(options)
  const { call } = await openRest(new FakeHerder().add('files', {}), { authenticate: open() })
  const get = async (authorization?: string, path = '/connectors', method = 'GET') => {
    const headers = authorization === undefined ? {} : { authorization }
    return call(method, path, headers)
  }
  return { ...rest, get }
}

describe('basic authentication', () => {
  for (const { given, status } of [
    { given: basic('ann:s3:cret'), status: 200 },
    { given: basic('ann:s3:cret').replace('Basic', 'bASIC'), status: 200 },
    { given: basic('ann:s3:cret').replace(/=+$/, ''), status: 200 },
    { given: basic('bob:'), status: 200 },
    { given: undefined, status: 401 },
    { given: basic('ann:wrong'), status: 401 },
    { given: basic('ann:s3:cret '), status: 401 },
    { given: basic('carl:s3:cret'), status: 401 },
    { given: basic('__proto__:x'), status: 401 },
    { given: basic(':s3:cret'), status: 401 },
    { given: basic('ann'), status: 401 },
    { given: 'Basic', status: 401 },
    { given: `Bearer ${basic('ann:s3:cret').slice(6)}`, status: 401 },
    { given: 'Basic !!!', status: 500 },
  ]) {
    test(`answers ${given ?? 'nothing'} with ${status}`, async () => {
      const { get } = await served()
      const answer = await get(given)
      expect(answer.status).toBe(status)
      if (status === 401) {
        expect(answer.text).toBe('User cannot access the resource.')
        expect(answer.headers).not.toHaveProperty('www-authenticate')
      }
    })
  }

  test('covers every path but those that workers call each other by', async () => {
    const { get } = await served()
    for (const path of ['/', '/health', '/nothing', '/connectors/files/tasks', '/admin/loggers']) {
      expect((await get(undefined, path)).status).toBe(401)
    }
    expect((await get(undefined, '/connectors/files/tasks', 'POST')).status).not.toBe(401)
    expect((await get(undefined, '/connectors/files/fence/?x=1', 'PUT')).status).not.toBe(401)
    expect((await get(undefined, '/connectors/files/fence', 'POST')).status).toBe(401)
  })

  test('lets everybody in when the credentials file is empty, and says so loudly at the start', async () => {
    const { get, lines } = await served({ credentials: '# nobody yet\n' })
    expect(lines.join('')).toMatch(
      /ERROR The credentials file .* is empty: .* EVERYBODY may use the REST API/,
    )
    expect((await get()).status).toBe(200)
    expect((await get(basic('a:b'))).status).toBe(200)
  })

  test('lets nobody in while the credentials file cannot be read, and heals', async () => {
    const { get, lines, file } = await served({ credentials: null })
    expect((await get(basic('ann:x'))).status).toBe(401)
    expect((await get(basic('ann:x'))).status).toBe(401)
    expect(lines.filter((line) => line.includes('Error loading Property Credentials file'))).toHaveLength(1)
    writeFileSync(file, 'ann=x')
    expect((await get(basic('ann:x'))).status).toBe(200)
    // From then on it is cached, as in Kafka Connect.
    writeFileSync(file, '')
    expect((await get(basic('ann:y'))).status).toBe(401)
  })

  for (const { what, jaas, problem } of [
    {
      what: 'another login module',
      jaas: 'KafkaConnect { a.LdapLoginModule required; };',
      problem: 'a.LdapLoginModule',
    },
    {
      what: 'no file option',
      jaas: `KafkaConnect { ${extensions}.PropertyFileLoginModule required; };`,
      problem: 'Property Credentials file must be specified',
    },
    {
      what: 'no entry',
      jaas: 'KafkaServer { a.B required; };',
      problem: 'it has no login module for KafkaConnect',
    },
    { what: 'an empty entry', jaas: 'KafkaConnect { };', problem: 'it has no login module' },
    { what: 'an unknown flag', jaas: 'KafkaConnect { a.B maybe; };', problem: 'maybe is none of required' },
    { what: 'a missing semicolon', jaas: 'KafkaConnect { a.B required } ;', problem: '= is expected' },
    {
      what: 'an open quote',
      jaas: 'KafkaConnect { a.B required file="x; };',
      problem: 'a quote is not closed',
    },
    { what: 'an early end', jaas: 'KafkaConnect { a.B', problem: 'it ends too early' },
  ]) {
    test(`does not start with ${what} in the JAAS file`, () => {
      const { open } = setUp({ jaas })
      expect(open).toThrow(problem)
      expect(open).toThrow(ConfigError)
    })
  }

  test('does not start without a JAAS file', () => {
    const log = createLogger(new LogOutput(() => {}), 'test')
    expect(() => basicAuth(null, log)).toThrow('Failed to retrieve JAAS configuration')
    expect(() => basicAuth('/no/such/file', log)).toThrow('/no/such/file: there is no such file')
  })
})

test('a JAAS file has comments, several entries and modules, and the home folder as a variable', () => {
  const jaas = `// first\nOther { x.Y optional a=b c="d;}"; };\n/* second */ KafkaConnect {
    a.B sufficient file="\${user.home}/users" debug=true;\n    a.C REQUIRED file='/c';\n};`
  const found = readLoginModules(setUp({ jaas }).jaasFile, 'KafkaConnect')
  expect(
    found.map(({ options, ...module }) => ({ ...module, options: Object.fromEntries(options) })),
  ).toEqual([
    { className: 'a.B', flag: 'sufficient', options: { file: `${homedir()}/users`, debug: 'true' } },
    { className: 'a.C', flag: 'required', options: { file: '/c' } },
  ])
})
