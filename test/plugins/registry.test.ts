import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { builtinPlugins } from '../../src/plugins/builtin.ts'
import { PluginRegistry, type PluginEntry, type PluginKind } from '../../src/plugins/registry.ts'

const builtin = new PluginRegistry(builtinPlugins)

/** Entries whose plugins are told apart by their names. */
function registry(...entries: readonly { kind: PluginKind; name: string; aliases?: string[] }[]) {
  const load = (name: string) => async () => ({ name }) as never
  return new PluginRegistry(entries.map((entry) => ({ ...entry, load: load(entry.name) }) as PluginEntry))
}

describe('a built-in plugin', () => {
  for (const { name, found } of [
    { name: 'org.apache.kafka.connect.file.FileStreamSourceConnector', found: 'source' },
    { name: 'FileStreamSourceConnector', found: 'source' },
    { name: 'FileStreamSource', found: 'source' },
    { name: 'FileStreamSink', found: 'sink' },
  ]) {
    test(`${name} is the ${found}`, async () => {
      expect((await builtin.connector(name)).kind).toBe(found)
    })
  }

  for (const { kind, name, className } of [
    { kind: 'converter', name: 'Json', className: 'org.apache.kafka.connect.json.JsonConverter' },
    { kind: 'converter', name: 'JsonConverter', className: 'org.apache.kafka.connect.json.JsonConverter' },
    {
      kind: 'converter',
      name: 'org.apache.kafka.connect.storage.StringConverter',
      className: 'org.apache.kafka.connect.storage.StringConverter',
    },
    {
      kind: 'header_converter',
      name: 'Simple',
      className: 'org.apache.kafka.connect.storage.SimpleHeaderConverter',
    },
    { kind: 'header_converter', name: 'Json', className: 'org.apache.kafka.connect.json.JsonConverter' },
    {
      kind: 'header_converter',
      name: 'StringConverter',
      className: 'org.apache.kafka.connect.storage.StringConverter',
    },
    {
      kind: 'transformation',
      name: 'RegexRouter',
      className: 'org.apache.kafka.connect.transforms.RegexRouter',
    },
    {
      kind: 'transformation',
      name: 'org.apache.kafka.connect.transforms.InsertField$Key',
      className: 'org.apache.kafka.connect.transforms.InsertField$Key',
    },
    {
      kind: 'transformation',
      name: 'HoistField$Value',
      className: 'org.apache.kafka.connect.transforms.HoistField$Value',
    },
    {
      kind: 'predicate',
      name: 'TopicNameMatches',
      className: 'org.apache.kafka.connect.transforms.predicates.TopicNameMatches',
    },
  ] as const) {
    test(`of kind ${kind} answers to ${name}`, async () => {
      expect((await builtin.plugin(kind, name)).name).toBe(className)
    })
  }

  test('can be loaded, every one, and has the name under which it is found', async () => {
    for (const { name, load } of builtin.entries()) expect((await load()).name).toBe(name)
  })
})

describe('a plugin that cannot be found', () => {
  test('is refused with the connectors there are and the nearest name', async () => {
    const error = (await builtin.connector('FileStreamSourse').catch((thrown: unknown) => thrown)) as Error
    expect(error).toBeInstanceOf(ConfigError)
    expect(error.message).toMatch(
      /^Failed to find any class that implements Connector and which name matches FileStreamSourse, available connectors are: PluginDesc\{klass=class org\.apache\.kafka\.connect\.file\.FileStreamSourceConnector, name='org\.apache/,
    )
    expect(error.message).toContain("type=sink, typeName='sink', location='classpath'}")
    expect(error.message).toMatch(/Did you mean FileStreamSource\?$/)
  })

  for (const { kind, name, hint } of [
    { kind: 'converter', name: 'StringConvertor', hint: ' Did you mean StringConverter?' },
    { kind: 'converter', name: 'AvroConverter', hint: '' },
    { kind: 'transformation', name: 'RegexRooter', hint: ' Did you mean RegexRouter?' },
    {
      kind: 'transformation',
      name: 'org.apache.kafka.connect.transforms.HoistField$Valu',
      hint: ' Did you mean org.apache.kafka.connect.transforms.HoistField$Value?',
    },
    { kind: 'predicate', name: 'RegexRouter', hint: '' },
    { kind: 'transformation', name: '', hint: '' },
  ] as const) {
    test(`is refused as ${kind} ${name}${hint}`, async () => {
      const thrown = await builtin.plugin(kind, name).catch((error: unknown) => error)
      expect((thrown as Error).message).toContain(`Class ${name} could not be found.${hint}`)
      if (hint === '') expect((thrown as Error).message).not.toContain('Did you mean')
    })
  }

  test('is refused under the setting that names it', () => {
    expect(() => builtin.check('converter', 'StringConverter', 'key.converter')).not.toThrow()
    try {
      builtin.check('converter', 'Strin', 'key.converter')
      expect.unreachable()
    } catch (error) {
      expect(error).toMatchObject({
        key: 'key.converter',
        message: expect.stringMatching(
          /^Invalid value Strin for configuration key\.converter: Class Strin could not be found\./,
        ) as unknown,
      })
    }
  })
})

describe('names of plugins', () => {
  test('are simple, pruned and declared', async () => {
    const plugins = registry({ kind: 'sink', name: 'io.acme.HttpSinkConnector', aliases: ['acme-http'] })
    for (const name of ['io.acme.HttpSinkConnector', 'HttpSinkConnector', 'HttpSink', 'acme-http'])
      expect((await plugins.connector(name)).name).toBe('io.acme.HttpSinkConnector')
    await expect(plugins.connector('HttpSinc')).rejects.toThrow('Did you mean HttpSink?')
  })

  test('are not pruned to nothing', async () => {
    const plugins = registry({ kind: 'converter', name: 'io.acme.Converter' })
    expect((await plugins.plugin('converter', 'Converter')).name).toBe('io.acme.Converter')
    await expect(plugins.plugin('converter', '')).rejects.toThrow('could not be found')
  })

  test('that lead to two connectors need the full class name', async () => {
    const plugins = registry({ kind: 'source', name: 'a.XConnector' }, { kind: 'sink', name: 'b.XConnector' })
    const error = (await plugins.connector('X').catch((thrown: unknown) => thrown)) as Error
    expect(error.message).toMatch(
      /^More than one connector matches alias X\. Please use full package and class name instead\. Classes found: PluginDesc\{klass=class a\.XConnector.*b\.XConnector/,
    )
    expect((await plugins.connector('b.XConnector')).name).toBe('b.XConnector')
  })

  test('of nested classes collide only in their last part', async () => {
    const plugins = registry(
      { kind: 'transformation', name: 'a.Cast$Key' },
      { kind: 'transformation', name: 'a.Mask$Key' },
    )
    expect((await plugins.plugin('transformation', 'Cast$Key')).name).toBe('a.Cast$Key')
    await expect(plugins.plugin('transformation', 'Key')).rejects.toThrow(
      'More than one transformation matches alias Key.',
    )
  })

  test('of different kinds do not collide', async () => {
    const plugins = registry(
      { kind: 'converter', name: 'a.StringConverter' },
      { kind: 'header_converter', name: 'a.StringConverter' },
    )
    expect((await plugins.plugin('converter', 'StringConverter')).name).toBe('a.StringConverter')
  })
})
