import { describe, expect, test } from 'vitest'
import { sinkConnectorConfig, sourceConnectorConfig } from '../../src/config/connector-config.ts'
import { overridePolicy, overrideProblem } from '../../src/config/override-policy.ts'
import { requireSinkTopics, sinkTopicsProblems } from '../../src/config/sink-topics.ts'

const least = { 'name': 'c', 'connector.class': 'C' }

describe('connector settings', () => {
  test('stand in the order of Kafka Connect', () => {
    expect(Object.keys(sourceConnectorConfig.fields)).toEqual([
      'name',
      'connector.class',
      'connector.plugin.version',
      'tasks.max',
      'tasks.max.enforce',
      'key.converter',
      'key.converter.plugin.version',
      'value.converter',
      'value.converter.plugin.version',
      'header.converter',
      'header.converter.plugin.version',
      'transforms',
      'predicates',
      'config.action.reload',
      'errors.retry.timeout',
      'errors.retry.delay.max.ms',
      'errors.tolerance',
      'errors.log.enable',
      'errors.log.include.messages',
      'topic.creation.groups',
      'exactly.once.support',
      'transaction.boundary',
      'transaction.boundary.interval.ms',
      'offsets.storage.topic',
    ])
  })

  test('have the defaults of Kafka Connect', () => {
    expect(sinkConnectorConfig.parse(least)).toMatchObject({
      'tasks.max': 1,
      'transforms': [],
      'errors.tolerance': 'none',
      'errors.retry.timeout': 0,
      'topics': [],
      'topics.regex': '',
      'errors.deadletterqueue.topic.name': '',
      'errors.deadletterqueue.topic.replication.factor': 3,
    })
  })

  for (const [key, value, messages] of [
    ['tasks.max', 'abc', ['Not a number of type INT', 'Value must be non-null']],
    ['tasks.max', '0', ['Value must be at least 1']],
    ['name', '', ['String may not be empty']],
    ['transforms', 'a,a', ['Duplicate alias provided.']],
    ['errors.tolerance', 'ALL', ['String must be one of: none, all']],
    ['exactly.once.support', 'never', ['String must be one of (case insensitive): REQUIRED, REQUESTED']],
    ['transaction.boundary', 'x', ['String must be one of (case insensitive): INTERVAL, POLL, CONNECTOR']],
    ['transaction.boundary.interval.ms', '-1', ['Value must be at least 0']],
    ['topic.creation.groups', 'a,a', ['Duplicate alias provided.']],
  ] as const) {
    test(`${key}=${value} is reported as Kafka Connect does`, () => {
      const found = sourceConnectorConfig
        .validate({ ...least, [key]: value })
        .find(({ name }) => name === key)!
      expect(
        found.errors.map((error) => error.replace(/^Invalid value .* for configuration [a-z.]+: /, '')),
      ).toEqual(messages)
    })
  }
})

describe('the topics of a sink', () => {
  for (const [settings, expected] of [
    [{ topics: 'a' }, []],
    [{ 'topics.regex': 'a.*' }, []],
    [
      {},
      [
        'topics: Must configure one of topics or topics.regex',
        'topics.regex: Must configure one of topics or topics.regex',
      ],
    ],
    [
      { 'topics': 'a', 'topics.regex': 'b' },
      [
        'topics: topics and topics.regex are mutually exclusive options, but both are set.',
        'topics.regex: topics and topics.regex are mutually exclusive options, but both are set.',
      ],
    ],
    [
      { 'topics': 'a, d,,a', 'errors.deadletterqueue.topic.name': ' d ' },
      [
        "topics: The DLQ topic 'd' may not be included in the list of topics ('topics=[a, d]') consumed by the connector",
      ],
    ],
    [
      { 'topics.regex': 'd.*', 'errors.deadletterqueue.topic.name': 'dlq' },
      [
        "topics.regex: The DLQ topic 'dlq' may not be matched by the regex for the topics ('topics.regex=d.*') consumed by the connector",
      ],
    ],
    [{ 'topics.regex': 'd', 'errors.deadletterqueue.topic.name': 'dlq' }, []],
    [{ 'topics.regex': '(', 'errors.deadletterqueue.topic.name': 'dlq' }, []],
  ] as const) {
    test(`are checked: ${JSON.stringify(settings)}`, () => {
      expect(sinkTopicsProblems(settings).map(({ key, message }) => `${key}: ${message}`)).toEqual(expected)
    })
  }

  test('throw their first problem at start', () => {
    expect(() => requireSinkTopics({ topics: ' ' })).toThrow(
      'Invalid value   for configuration topics: Must configure one of topics or topics.regex',
    )
  })
})

describe('override policies', () => {
  test('go by alias, simple and full class name', () => {
    expect(
      overridePolicy('org.apache.kafka.connect.connector.policy.NoneConnectorClientConfigOverridePolicy'),
    ).toBe('None')
    expect(overridePolicy('PrincipalConnectorClientConfigOverridePolicy')).toBe('Principal')
    expect(() => overridePolicy('Nope')).toThrow('Nope')
  })

  for (const { policy, refused } of [
    { policy: 'All', refused: [] },
    { policy: 'None', refused: ['acks', 'sasl.mechanism'] },
    { policy: 'Principal', refused: ['acks'] },
  ] as const) {
    test(`of ${policy} say what they do not allow`, () => {
      for (const name of ['acks', 'sasl.mechanism']) {
        const problem = refused.some((each) => each === name)
          ? `The '${policy}' policy does not allow '${name}' to be overridden in the connector configuration.`
          : null
        expect(overrideProblem(policy, name)).toBe(problem)
      }
    })
  }
})
