import { mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { ConnectorWatch } from '../../src/cli/watch.ts'
import { AlreadyExistsError, BadRequestError } from '../../src/errors.ts'
import type { RawConfig, TargetState } from '../../src/rest/herder.ts'
import { InvalidConnectorError } from '../../src/runtime/connector-settings.ts'
import { createLogger, LogOutput } from '../../src/util/logger.ts'
import { FakeHerder } from '../rest/fake-herder.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { until } from '../support/until.ts'

/** Deletes for good, refuses taken names and the value `wrong`. */
class FilesHerder extends FakeHerder {
  override async createConnector(name: string, config: RawConfig, target?: TargetState) {
    refuseWrong(config)
    if (this.infos.has(name)) throw new AlreadyExistsError(`Connector ${name} already exists`)
    return super.createConnector(name, config, target)
  }

  override async putConnectorConfig(name: string, config: RawConfig) {
    refuseWrong(config)
    return super.putConnectorConfig(name, config)
  }

  override async deleteConnector(name: string) {
    await super.deleteConnector(name)
    this.infos.delete(name)
  }
}

function refuseWrong(config: RawConfig): void {
  const key = Object.keys(config).find((name) => config[name] === 'wrong')
  if (key === undefined) return
  const cause = new InvalidConnectorError([{ key, message: `Invalid value wrong for ${key}` }])
  throw new BadRequestError(cause.message, { cause })
}

async function watched(names: readonly string[], settleMs = 25) {
  const folder = tempFolder()
  const path = (name: string) => join(folder, name)
  const write = (name: string, text: string) => writeFileSync(path(name), text)
  for (const name of names) write(name, `name=${name}\nconnector.class=X\na=1\n`)
  const herder = new FilesHerder()
  const lines: string[] = []
  const log = createLogger(new LogOutput((line) => lines.push(line)), 'x')
  const validate = async (_: string, config: RawConfig) => ({
    error_count: Object.values(config).includes('wrong') ? 1 : 0,
    configs: Object.keys(config).map((name) => ({
      definition: { name, type: name === 'pin' ? 'PASSWORD' : 'STRING' },
      value: { name },
    })),
  })
  const watch = new ConnectorWatch({ herder, catalog: { validate }, log, timing: { pollMs: 5, settleMs } })
  onTestFinished(() => watch.stop())
  const start = async (...files: readonly string[]) => watch.start(files.map(path))
  const said = (pattern: RegExp) =>
    until(() => lines.find((line) => pattern.test(line)), { what: String(pattern) })
  /** What the herder was asked to do, settings as one text. */
  const calls = () =>
    herder.calls.map(([what, name, config, ...more]) =>
      [what, name, config && settingsText(config as RawConfig), ...more].filter(Boolean).join(' '),
    )
  return { herder, lines, write, path, start, said, calls, watch }
}

function settingsText(config: RawConfig): string {
  return Object.entries(config)
    .filter(([name]) => !['name', 'connector.class'].includes(name))
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
}

describe('at the start', () => {
  test('the connectors of the files are created in their order', async () => {
    const { start, calls } = await watched(['b', 'a'])
    await start('b', 'a')
    expect(calls()).toEqual(['create b a=1 STARTED', 'create a a=1 STARTED'])
  })

  test('a file that is wrong or missing is named, the others run, and it is taken when it is good', async () => {
    const { start, calls, write, said, lines, path } = await watched(['good'])
    write('bad', 'name=bad\na=wrong\n')
    await start('bad', 'missing', 'good')
    expect(calls()).toEqual(['create good a=1 STARTED'])
    expect(lines.join('')).toContain(`Invalid value wrong for a (${path('bad')}:2:1)`)
    expect(lines.join('')).toContain(`Could not read ${path('missing')}: there is no such file`)
    write('bad', 'name=bad\na=2\n')
    write('missing', '{"name":"late","config":{"a":"3"},"initial_state":"PAUSED"}')
    await said(/Created connector bad/)
    await said(/Created connector late/)
    expect(calls().slice(1).sort()).toEqual(['create bad a=2 STARTED', 'create late a=3 PAUSED'])
  })
})

describe('a file that is saved', () => {
  test('with other settings changes its connector, after saying what is different', async () => {
    const { start, calls, write, said } = await watched(['c'])
    await start('c')
    write('c', 'name=c\nconnector.class=X\nb=2\n')
    await said(/Changed connector c/)
    expect(calls().slice(1)).toEqual(['put c b=2'])
    expect(await said(/Changing/)).toMatch(
      /INFO \[c\|worker\] Changing connector c as .* says:\n {2}- a: 1\n {2}\+ b: 2 \(/,
    )
  })

  test('with other secrets does not show them, whether their name or their type says that they are', async () => {
    const { start, write, said, lines } = await watched(['c'])
    await start('c')
    write('c', 'name=c\nconnector.class=X\na=1\ndb.password=xyz\npin=123\n')
    await said(/Changed connector c/)
    write('c', 'name=c\nconnector.class=X\na=1\ndb.password=zyx\npin=321\n')
    await until(() => lines.filter((line) => line.includes('Changed connector c')).length === 2)
    expect(lines.join('')).toContain('+ db.password: [hidden]')
    expect(lines.join('')).toContain('~ pin: [hidden] -> another')
    expect(lines.join('')).not.toMatch(/xyz|zyx|123|321/)
  })

  test('with a mistake is named with the place, and the last good settings stay', async () => {
    const { start, calls, write, said, path, lines } = await watched(['c'])
    await start('c')
    write('c', 'name=c\nconnector.class=X\n\n  a=wrong\n')
    const line = await said(/Failed to apply/)
    expect(line).toContain('connector c goes on with its last good settings')
    expect(line).toContain(`Invalid value wrong for a (${path('c')}:4:3)`)
    expect(lines.join('')).not.toContain('Changing')
    write('c', '{"name": "c", "config"')
    await said(/missing the mandatory 'name' configuration/)
    write('c', 'name=c\nconnector.class=X\na=4\n')
    await said(/Changed connector c/)
    expect(calls()).toEqual(['create c a=1 STARTED', 'put c a=4'])
  })

  test('without any difference in its settings changes nothing', async () => {
    const { start, calls, write, path, said } = await watched(['c', 'd'])
    await start('c', 'd')
    utimesSync(path('c'), new Date(), new Date())
    write('c', '# a comment\na = 1\nconnector.class=X\nname=c')
    await delay(100)
    write('d', 'name=d\na=2\n')
    await said(/Changed connector d/)
    expect(calls().slice(2)).toEqual(['put d a=2'])
  })

  test('by renaming another over it, or with a moment without it, never deletes its connector', async () => {
    const { start, calls, write, path, said } = await watched(['c'], 400)
    await start('c')
    for (const value of [2, 3, 4]) {
      write('c.tmp', `name=c\nconnector.class=X\na=${value}\n`)
      rmSync(path('c'))
      await delay(2)
      renameSync(path('c.tmp'), path('c'))
      await said(new RegExp(`~ a: ${value - 1} -> ${value}`))
    }
    expect(calls().filter((call) => call.startsWith('delete'))).toEqual([])
  })

  test('piece by piece is read when it is whole', async () => {
    const { start, calls, write, said } = await watched(['c'], 400)
    await start('c')
    const text = 'name=c\nconnector.class=X\na=12345\nb=2\n'
    for (let end = 10; end <= text.length; end += 3) {
      write('c', text.slice(0, end))
      await delay(3)
    }
    write('c', text)
    await said(/Changed connector c/)
    expect(calls().slice(1)).toEqual(['put c a=12345 b=2'])
  })

  test('under another name of the connector replaces the old one by the new, checked before', async () => {
    const { start, calls, write, said } = await watched(['c', 'd'])
    await start('c', 'd')
    write('c', 'name=e\na=wrong\n')
    await said(/connector c goes on/)
    write('c', 'name=d\na=5\n')
    await said(/Connector d already exists/)
    write('c', 'name=e\na=5\n')
    await said(/Deleted connector c and created connector e/)
    expect(calls().slice(2)).toEqual(['create e a=5 STOPPED', 'delete c', 'resume e'])
  })

  test('after its connector was deleted through REST creates it again', async () => {
    const { start, calls, write, said, herder } = await watched(['c'])
    await start('c')
    await herder.deleteConnector('c')
    write('c', 'name=c\na=2\n')
    await said(/Changed connector c/)
    expect(calls().slice(2)).toEqual(['put c a=2'])
  })
})

describe('a file that is gone', () => {
  test('takes its connector with it, and brings it back when it comes back', async () => {
    const { start, calls, write, path, said } = await watched(['c'])
    await start('c')
    rmSync(path('c'))
    await said(/Deleted connector c: its file .* is gone/)
    write('c', 'name=c\na=2\n')
    await until(() => calls().length === 3)
    expect(calls().slice(1)).toEqual(['delete c', 'create c a=2 STARTED'])
  })

  test('frees the name for the file that it became', async () => {
    const { start, calls, path } = await watched(['c'])
    await start('c', 'd')
    renameSync(path('c'), path('d'))
    await until(() => calls().length === 3)
    expect(calls().slice(1)).toEqual(['delete c', 'create c a=1 STARTED'])
  })

  test('frees the name for a file that was refused for it before', async () => {
    const { start, calls, write, path, said } = await watched(['c'])
    await start('c', 'd')
    write('d', 'name=c\na=2\n')
    await said(/Failed to create connector for .*d/)
    rmSync(path('c'))
    await until(() => calls().length === 3)
    expect(calls().slice(1)).toEqual(['delete c', 'create c a=2 STARTED'])
  })

  test('and whose connector was deleted through REST already is no mistake', async () => {
    const { start, path, said, herder, lines } = await watched(['c'])
    await start('c')
    await herder.deleteConnector('c')
    rmSync(path('c'))
    await said(/Deleted connector c/)
    expect(lines.join('')).not.toContain('ERROR')
  })
})

test('what becomes a folder is said not to be watched, and its connector stays', async () => {
  const { start, path, said, calls } = await watched(['c'])
  await start('c')
  rmSync(path('c'))
  mkdirSync(path('c'))
  await said(/WARN .* is no regular file/)
  expect(calls()).toEqual(['create c a=1 STARTED'])
})

test('a stopped watch does nothing more', async () => {
  const { start, write, calls, watch } = await watched(['c'])
  await start('c')
  watch.stop()
  write('c', 'name=c\na=2\n')
  await delay(100)
  expect(calls()).toHaveLength(1)
})
