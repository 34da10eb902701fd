import { describe, expect, test } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { builtinPlugins } from '../../src/plugins/builtin.ts'
import { PluginRegistry } from '../../src/plugins/registry.ts'
import { InvalidConnectorError, readConnectorSettings } from '../../src/runtime/connector-settings.ts'

const plugins = new PluginRegistry(builtinPlugins)
const workerProps = { 'key.converter': 'StringConverter', 'value.converter': 'JsonConverter' }
const source = { 'name': 'files', 'connector.class': 'FileStreamSource', 'topic': 'lines' }
const sink = { 'name': 'out', 'connector.class': 'FileStreamSink', 'topics': 'a, b' }

type Settings = Record<string, string | null>

const read = (props: Settings, worker: Settings = workerProps) =>
  readConnectorSettings(props, { plugins, workerProps: worker })

async function problems(props: Settings, worker?: Settings): Promise<InvalidConnectorError['problems']> {
  const error = await read(props, worker).then(
    () => null,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(InvalidConnectorError)
  return (error as InvalidConnectorError).problems
}

describe('good settings of a connector', () => {
  test('are parsed by the common definition and by its own', async () => {
    const { plugin, settings } = await read({ ...source, 'tasks.max': ' 3 ', 'batch.size': '10' })
    expect(plugin.kind).toBe('source')
    expect(settings.common['tasks.max']).toBe(3)
    expect(settings.common['errors.tolerance']).toBe('none')
    expect(settings.own).toMatchObject({ 'topic': 'lines', 'file': null, 'batch.size': 10 })
  })

  test('may hold settings that nobody knows', async () => {
    await expect(read({ ...sink, 'a.setting.of.nobody': 'x' })).resolves.toBeDefined()
  })
})

describe('a connector that cannot be told', () => {
  for (const { props, message } of [
    { props: { name: 'x' }, message: 'Connector config {name=x} contains no connector type' },
    {
      props: { 'name': 'x', 'connector.class': ' ' },
      message: 'Connector config {name=x, connector.class} contains no connector type',
    },
    {
      props: { 'name': 'x', 'connector.class': 'FileStream' },
      message: 'Failed to find any class that implements Connector and which name matches FileStream',
    },
  ]) {
    test(message, async () => {
      const error = await read(props).catch((thrown: unknown) => thrown)
      expect(error).toBeInstanceOf(ConfigError)
      expect(error).not.toBeInstanceOf(InvalidConnectorError)
      expect(error).toMatchObject({ key: 'connector.class' })
      expect((error as Error).message).toContain(message)
    })
  }
})

describe('every problem is found', () => {
  test('across common, own and client settings, and listed in this order', async () => {
    const error = (await read(
      {
        'connector.class': 'FileStreamSource',
        'tasks.max': '0',
        'errors.tolerance': 'some',
        'batch.size': 'many',
        'producer.override.acks': '1',
      },
      { ...workerProps, 'connector.client.config.override.policy': 'None' },
    ).catch((thrown: unknown) => thrown)) as InvalidConnectorError
    expect(error.problems.map(({ key }) => key)).toEqual([
      'name',
      'tasks.max',
      'errors.tolerance',
      'topic',
      'batch.size',
      'producer.override.acks',
    ])
    const lines = error.message.split('\n')
    expect(lines[0]).toBe('Connector configuration is invalid and contains the following 6 error(s):')
    expect(lines).toContain('Missing required configuration "name" which has no default value.')
    expect(lines).toContain('Invalid value 0 for configuration tasks.max: Value must be at least 1')
    expect(lines).toContain(
      "The 'None' policy does not allow 'acks' to be overridden in the connector configuration.",
    )
    expect(lines.at(-1)).toBe(
      'You can also find the above list of errors at the endpoint `/connector-plugins/{connectorType}/config/validate`',
    )
  })

  for (const { what, props, keys, message } of [
    {
      what: 'a sink without topics',
      props: { ...sink, topics: ' ' },
      keys: ['topics', 'topics.regex'],
      message: 'Must configure one of topics or topics.regex',
    },
    {
      what: 'a sink with topics and topics.regex',
      props: { ...sink, 'topics.regex': 'a.*' },
      keys: ['topics', 'topics.regex'],
      message: 'topics and topics.regex are mutually exclusive options, but both are set.',
    },
    {
      what: 'an alias given twice',
      props: {
        ...source,
        'transforms': 'a,a',
        'transforms.a.type': 'DropHeaders',
        'transforms.a.headers': 'x',
      },
      keys: ['transforms'],
      message: 'Invalid value [a, a] for configuration transforms: Duplicate alias provided.',
    },
    {
      what: 'a transform that lacks a setting',
      props: { ...source, 'transforms': 'a', 'transforms.a.type': 'RegexRouter', 'transforms.a.regex': 'x' },
      keys: ['transforms.a.replacement'],
      message: 'Missing required configuration "transforms.a.replacement" which has no default value.',
    },
    {
      what: 'a transform that there is not',
      props: { ...source, 'transforms': 'a', 'transforms.a.type': 'RegexRoutr' },
      keys: ['transforms.a.type'],
      message:
        'Invalid value RegexRoutr for configuration transforms.a.type: Class RegexRoutr could not be found. Did you mean RegexRouter?',
    },
    {
      what: 'a converter that there is not',
      props: { ...source, 'key.converter': 'Protobuf' },
      keys: ['key.converter'],
      message: 'Invalid value Protobuf for configuration key.converter: Class Protobuf could not be found.',
    },
    {
      what: 'a wrong setting of a converter',
      props: {
        ...source,
        'value.converter': 'JsonConverter',
        'value.converter.schemas.enable': 'perhaps',
      },
      keys: ['value.converter.schemas.enable'],
      message: 'Expected value to be either true or false',
    },
  ]) {
    test(`of ${what}`, async () => {
      const found = await problems(props)
      expect(found.map(({ key }) => key)).toEqual(keys)
      for (const problem of found) expect(problem.message).toContain(message)
    })
  }

  test('but not in settings of a converter that is not used', async () => {
    await expect(read({ ...source, 'value.converter.schemas.enable': 'perhaps' })).resolves.toBeDefined()
  })
})

describe('client settings', () => {
  const override = {
    ...source,
    'producer.override.sasl.mechanism': 'PLAIN',
    'producer.override.linger.ms': '1',
  }
  for (const { policy, keys } of [
    { policy: 'Principal', keys: ['producer.override.linger.ms'] },
    { policy: 'None', keys: ['producer.override.sasl.mechanism', 'producer.override.linger.ms'] },
  ]) {
    test(`are overridden as far as the policy ${policy} goes`, async () => {
      const worker = { ...workerProps, 'connector.client.config.override.policy': policy }
      expect((await problems(override, worker)).map(({ key }) => key)).toEqual(keys)
    })
  }

  test('are overridden freely where there is no policy', async () => {
    await expect(read(override)).resolves.toBeDefined()
  })
})
