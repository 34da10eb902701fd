import { describe, expect, test } from 'vitest'
import { parseListener } from '../../src/config/listeners.ts'
import { parseHeaderRules } from '../../src/config/header-rules.ts'
import { workerConfig } from '../../src/config/worker-config.ts'

const least = { 'key.converter': 'K', 'value.converter': 'V', 'offset.storage.file.filename': '/tmp/o' }

describe('the worker file', () => {
  test('needs converters and an offset file, and has defaults for the rest', () => {
    expect(workerConfig.parse(least)).toMatchObject({
      'bootstrap.servers': ['localhost:9092'],
      'listeners': ['http://localhost:8083'],
      'offset.flush.interval.ms': 60000,
      'offset.journal.sync': 'batch',
      'startup.broker.timeout.ms': 60000,
      'topic.creation.enable': true,
      'plugin.path': null,
      'admin.listeners': null,
      'rest.extension.classes': [],
    })
    for (const key of Object.keys(least)) {
      expect(() => workerConfig.parse({ ...least, [key]: undefined as never })).toThrow(
        `Missing required configuration "${key}" which has no default value.`,
      )
    }
  })

  test('ignores settings of others', () => {
    expect(() => workerConfig.parse({ ...least, 'producer.acks': 'all', 'my.key': 'x' })).not.toThrow()
  })

  for (const [key, value, message] of [
    [
      'offset.flush.interval.ms',
      'often',
      'Invalid value often for configuration offset.flush.interval.ms: Not a number of type LONG',
    ],
    [
      'listeners',
      '',
      'Invalid value for listeners, at least one URL is expected, ex: http://localhost:8080,https://localhost:8443.',
    ],
    ['listeners', 'ftp://127.0.0.1:1', 'Listener protocol must be either "http" or "https".'],
    ['listeners', 'http://a:1,,http://b:2', 'Empty URL found when parsing listeners list.'],
    ['admin.listeners', 'localhost', "Listener doesn't have the right format (protocol://hostname:port)."],
    [
      'response.http.headers.config',
      'paint X:Y',
      "Invalid header config action: 'paint'. Expected one of [set, add, setDate, addDate]",
    ],
    [
      'client.dns.lookup',
      'x',
      'String must be one of: use_all_dns_ips, resolve_canonical_bootstrap_servers_only',
    ],
    ['plugin.discovery', 'x', 'String must be one of (case insensitive):'],
    ['offset.journal.sync', 'never', 'String must be one of: batch, interval'],
    ['startup.broker.timeout.ms', '-2', 'Value must be at least -1'],
    ['metrics.num.samples', '0', 'Value must be at least 1'],
  ] as const) {
    test(`refuses ${key}=${value}`, () => {
      expect(() => workerConfig.parse({ ...least, [key]: value })).toThrow(message)
      expect(
        workerConfig.validate({ ...least, [key]: value }).find(({ name }) => name === key)?.errors[0],
      ).toContain(message)
    })
  }

  test('looks converters up', () => {
    expect(() =>
      workerConfig.parse(least, { findClass: (name) => (name === 'V' ? { hint: '' } : { name }) }),
    ).toThrow('Invalid value V for configuration value.converter: Class V could not be found.')
  })

  test('documents every setting', () => {
    for (const [name, { doc, importance }] of Object.entries(workerConfig.fields)) {
      expect([name, doc.endsWith('.'), importance]).toEqual([
        name,
        true,
        expect.stringMatching(/high|medium|low/),
      ])
    }
  })
})

describe('parseListener', () => {
  for (const [url, listener] of [
    ['HTTP://:8083', { protocol: 'http', host: '', port: 8083 }],
    ['https://[::1]:0', { protocol: 'https', host: '::1', port: 0 }],
    ['http://my-host.x:80', { protocol: 'http', host: 'my-host.x', port: 80 }],
  ] as const) {
    test(`reads ${url}`, () => expect(parseListener(url)).toEqual(listener))
  }
})

describe('parseHeaderRules', () => {
  test('reads rules, quoted where they hold commas', () => {
    expect(
      parseHeaderRules(
        'set X-Frame-Options: DENY, "add Cache-Control: no-cache, no-store",ADDDATE Expires: 31',
      ),
    ).toEqual([
      { action: 'set', name: 'X-Frame-Options', value: 'DENY' },
      { action: 'add', name: 'Cache-Control', value: 'no-cache, no-store' },
      { action: 'addDate', name: 'Expires', value: '31' },
    ])
    expect(parseHeaderRules(' ')).toEqual([])
  })

  for (const [text, message] of [
    ['set', "Invalid format of header config 'set'. Expected: '[action] [header name]:[header value]'"],
    [
      'set a:b:c',
      "Invalid format of header name and header value pair 'a:b:c'. Expected: '[header name]:[header value]'",
    ],
    ['set X Y: b', "Invalid header name 'X Y'. The '[header name]' cannot contain whitespace"],
  ] as const) {
    test(`refuses ${text}`, () => expect(() => parseHeaderRules(text)).toThrow(message))
  }
})
