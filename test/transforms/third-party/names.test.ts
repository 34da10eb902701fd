import { describe, expect, test } from 'vitest'
import { builtinPlugins } from '../../../src/plugins/builtin.ts'
import { PluginRegistry } from '../../../src/plugins/registry.ts'

const registry = new PluginRegistry(builtinPlugins)

describe('transforms of other packs go by their class names', () => {
  for (const { name } of builtinPlugins.filter(({ name }) => /^(?:io|com)\./.test(name))) {
    test(name, async () => {
      expect((await registry.plugin('transformation', name)).name).toBe(name)
    })
  }
})

describe("what is the same as Kafka's is Kafka's", () => {
  for (const [alias, name] of [
    [
      'io.confluent.connect.transforms.ReplaceField$Key',
      'org.apache.kafka.connect.transforms.ReplaceField$Key',
    ],
    [
      'io.confluent.connect.transforms.ReplaceField$Value',
      'org.apache.kafka.connect.transforms.ReplaceField$Value',
    ],
    [
      'io.confluent.connect.cloud.transforms.TopicRegexRouter',
      'org.apache.kafka.connect.transforms.RegexRouter',
    ],
    ['Filter', 'org.apache.kafka.connect.transforms.Filter'],
  ] as const) {
    test(alias, async () => {
      expect((await registry.plugin('transformation', alias)).name).toBe(name)
    })
  }
})
