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

describe('simple names lead to the one transform that has them', () => {
  for (const [alias, name] of [
    ['ChangeTopicCase', 'com.github.jcustenborder.kafka.connect.transform.common.ChangeTopicCase'],
    ['TimestampNow', 'com.github.jcustenborder.kafka.connect.transform.common.TimestampNow'],
    ['ToJSON$Key', 'com.github.jcustenborder.kafka.connect.transform.common.ToJSON$Key'],
    ['HeaderToField$Value', 'com.github.jcustenborder.kafka.connect.transform.common.HeaderToField$Value'],
    ['KeyToValue', 'io.aiven.kafka.connect.transforms.KeyToValue'],
    ['MessageTimestampRouter', 'io.confluent.connect.transforms.MessageTimestampRouter'],
    ['GzipDecompress$Value', 'io.confluent.connect.transforms.GzipDecompress$Value'],
    [
      'Record2JsonStringConverter$Value',
      'com.github.cedelsb.kafka.connect.smt.Record2JsonStringConverter$Value',
    ],
  ] as const) {
    test(alias, async () => {
      expect((await registry.plugin('transformation', alias)).name).toBe(name)
    })
  }

  test('and a name that two packs have to none', async () => {
    await expect(registry.plugin('transformation', 'TombstoneHandler')).rejects.toThrow(
      'More than one transformation matches alias TombstoneHandler',
    )
  })
})
