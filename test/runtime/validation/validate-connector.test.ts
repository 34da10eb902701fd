import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Props } from '../../../src/api/plugin.ts'
import { validateConnector } from '../../../src/runtime/validation/validate-connector.ts'
import { pluginConfig } from '../../../src/runtime/validation/plugin-config.ts'
import { version } from '../../../src/util/version.ts'
import { builtinPlugins } from '../../../src/plugins/builtin.ts'
import { PluginRegistry } from '../../../src/plugins/registry.ts'
import { root } from '../../meta/project-files.ts'
import { comparable, registry, worker } from './recorded-answers.ts'

/** What Kafka Connect 4.1.1 answered; equal parts are kept once and meant by their number. */
interface Recorded {
  readonly offered: readonly (readonly string[])[]
  readonly definitions: readonly unknown[]
  readonly values: readonly { readonly recommended_values: readonly string[] | number }[]
  readonly plugins: readonly { plugin: string; kind: string; definitions: readonly number[] }[]
  readonly cases: readonly RecordedCase[]
}

interface RecordedCase {
  readonly title: string
  readonly policy: string
  readonly config: Props
  readonly failure?: string
  readonly name: string
  readonly error_count: number
  readonly groups: readonly string[]
  readonly configs: readonly (readonly [number | null, number])[]
}

const recorded = JSON.parse(readFileSync(join(root, 'test/fixtures/validation.json'), 'utf8')) as Recorded

const expanded = ({ name, error_count, groups, configs }: RecordedCase) => ({
  name,
  error_count,
  groups,
  configs: configs.map(([definition, value]) => {
    const { recommended_values: offered, ...others } = recorded.values[value]!
    return {
      definition: definition === null ? null : recorded.definitions[definition],
      value: {
        ...others,
        recommended_values: typeof offered === 'number' ? recorded.offered[offered] : offered,
      },
    }
  }),
})

const withVersion = (props: Props): Props =>
  JSON.parse(JSON.stringify(props).replaceAll('${version}', version)) as Props

describe("validateConnector gives Kafka Connect's answer for", () => {
  for (const each of recorded.cases) {
    test(each.title, async () => {
      const header = each.policy === 'None' ? { 'header.converter': 'Json' } : {}
      const workerProps = { ...worker, ...header, 'connector.client.config.override.policy': each.policy }
      const pluginName = each.config['connector.class']?.includes('Sink')
        ? 'FileStreamSink'
        : 'FileStreamSource'
      const answer = validateConnector(registry, workerProps, pluginName, withVersion(each.config))
      if (each.failure === undefined) {
        expect(comparable(await answer)).toEqual(comparable(expanded(each)))
      } else {
        await expect(answer).rejects.toThrow(message(each.failure))
      }
    })
  }
})

describe("pluginConfig gives Kafka Connect's answer for", () => {
  const kinds = {
    source: 'source',
    sink: 'sink',
    converter: 'converter',
    header_converter: 'header_converter',
    transformation: 'transformation',
    predicate: 'predicate',
  } as const
  for (const { plugin, kind, definitions } of recorded.plugins) {
    test(`the ${kind} ${plugin}`, async () => {
      const loaded = await registry.plugin(kinds[kind as keyof typeof kinds], plugin)
      expect(comparable(pluginConfig(loaded))).toEqual(definitions.map((each) => recorded.definitions[each]))
    })
  }
})

test('members stand in the order of Kafka Connect', async () => {
  const { configs, ...head } = await validateConnector(registry, worker, null, {
    'connector.class': 'FileStreamSink',
  })
  const [kafkas] = recorded.definitions
  expect(Object.keys({ ...head, configs })).toEqual(['name', 'error_count', 'groups', 'configs'])
  expect(Object.keys(configs[0]!)).toEqual(['definition', 'value'])
  expect(Object.keys(configs[0]!.definition!)).toEqual(Object.keys(kafkas as object))
  expect(Object.keys(configs[0]!.value)).toEqual(['name', 'value', 'recommended_values', 'errors', 'visible'])
})

describe('settings that Kafka Connect does not have', () => {
  const source = { 'name': 'v', 'connector.class': 'FileStreamSource', 'topic': 'lines' }
  const filter = { ...source, 'transforms': 't', 'transforms.t.type': 'Filter' }
  const validated = (props: Props) => validateConnector(registry, worker, 'FileStreamSource', props)

  test('stay out of the answer while they are right', async () => {
    const right = {
      'errors.restart.policy': 'all',
      'errors.deadletterqueue.topic.name': 'dead',
      'transforms.t.condition': 'value.a == 1',
    }
    expect(await validated({ ...filter, ...right })).toEqual(await validated(filter))
  })

  for (const { key, value, shown = value, group, error } of [
    {
      key: 'errors.restart.policy',
      value: 'perhaps',
      group: 'Error Handling',
      error: 'String must be one of: retriable, all, none',
    },
    {
      key: 'errors.deadletterqueue.topic.replication.factor',
      value: 'many',
      // As in Kafka Connect: what cannot be read is shown as nothing.
      shown: null,
      group: 'Error Handling',
      error: 'Not a number of type SHORT',
    },
    {
      key: 'transforms.t.condition',
      value: 'value.a ==',
      group: 'Transforms: t',
      error: 'Invalid value value.a ==',
    },
  ]) {
    test(`are shown when they are wrong: ${key}`, async () => {
      const { configs, error_count: count } = await validated({ ...filter, [key]: value })
      const { configs: others } = await validated(filter)
      expect(count).toBe(1)
      expect(configs.slice(0, -1)).toEqual(others)
      expect(configs.at(-1)).toMatchObject({
        definition: { name: key, group },
        value: { name: key, value: shown },
      })
      expect(configs.at(-1)!.value.errors[0]).toContain(error)
    })
  }
})

describe('classes', () => {
  const entry = {
    kind: 'transformation' as const,
    name: 'com.example.Broken',
    load: () => Promise.reject(new Error('its module throws')),
  }
  const transform = (type: string) => ({
    'name': 'v',
    'connector.class': 'FileStreamSource',
    'topic': 'lines',
    'transforms': 't',
    'transforms.t.type': type,
  })
  const problem = async (type: string) => {
    const plugins = new PluginRegistry([...builtinPlugins, entry])
    const { configs } = await validateConnector(plugins, worker, null, transform(type))
    return configs.find(({ value }) => value.name === 'transforms.t.type')!.value
  }

  test('that do not load are reported with the reason', async () => {
    expect((await problem('com.example.Broken')).errors).toEqual([
      'Invalid value com.example.Broken for configuration transforms.t.type: Could not instantiate class: its module throws',
    ])
  })

  test('that were installed are offered, those of other packs that come along are not', async () => {
    const { recommended_values: offered } = await problem('Filter')
    expect(offered).toContain('com.example.Broken')
    expect(offered.filter((name) => name!.startsWith('io.aiven.'))).toEqual([])
  })

  test('that are not there are met with the nearest name', async () => {
    expect((await problem('RegexRoutr')).errors).toEqual([
      'Invalid value RegexRoutr for configuration transforms.t.type: Class RegexRoutr could not be found. Did you mean RegexRouter?',
    ])
  })

  test('that share an alias have to be named in full', async () => {
    const [error] = (await problem('Key')).errors
    expect(error).toMatch(
      /^Invalid value Key for .*: Class Key could not be found\. More than one transformation/,
    )
  })
})

/** Java shows all settings where we leave out the values, and wraps what fails. */
function message(text: string): string {
  return text.replace(/^[\w.]+Exception: /, '').replace(/Connector config \{.*\} /, '')
}
