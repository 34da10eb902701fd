import { describe, expect, test } from 'vitest'
import { Password } from '../../src/config/password.ts'
import { isSecretName, redact, secrets } from '../../src/util/secrets.ts'

describe('what looks like a secret is hidden', () => {
  for (const [text, shown] of [
    ['http://user:pw@host:80/path', 'http://[hidden]@host:80/path'],
    ['mongodb://u:p@a:1,b:2/x?y=z', 'mongodb://[hidden]@a:1,b:2/x?y=z'],
    ['two: amqp://a:b@c and amqps://d@e.', 'two: amqp://[hidden]@c and amqps://[hidden]@e.'],
    ['postgres://u:p@ss@host/db', 'postgres://[hidden]@host/db'],
    ['postgres://u:p/w?o#d@host/db', 'postgres://[hidden]@host/db'],
    [
      'jdbc:postgresql://h/db?user=x&password=tiger&ssl=true',
      'jdbc:postgresql://h/db?user=x&password=[hidden]&ssl=true',
    ],
    ['password="a b;c" x', 'password=[hidden] x'],
    ["Password='a' x", 'Password=[hidden] x'],
    ['{db.password=tiger, user=x}', '{db.password=[hidden], user=x}'],
    ['ssl.key.password = tiger', 'ssl.key.password = [hidden]'],
    ['{"password":"ti\\"ger","user":"x"}', '{"password":[hidden],"user":"x"}'],
    ['body: "{\\"password\\":\\"tiger\\"}"', 'body: "{\\"password\\":[hidden]}"'],
    [`{ password: 'tiger', user: 'x' }`, "{ password: [hidden], user: 'x' }"],
    [
      'sasl.jaas.config=org.x.PlainLoginModule required username="u" password="p";\nnext line',
      'sasl.jaas.config=[hidden]\nnext line',
    ],
    ['{"producer.sasl.jaas.config":"a b;","x":"y"}', '{"producer.sasl.jaas.config":[hidden],"x":"y"}'],
    ['found org.x.ScramLoginModule required username=u;', 'found org.x.ScramLoginModule required [hidden]'],
  ] as const) {
    test(text, () => {
      expect(redact(text)).toBe(shown)
      expect(redact(shown)).toBe(shown)
    })
  }
})

describe('what is none stays', () => {
  for (const text of [
    'REST API listens on http://localhost:8083',
    'mail a@b.c, or see http://localhost:4873/@scope/package',
    'http://localhost:8083/connectors?x=a@b',
    'Invalid value [hidden] for configuration sasl.jaas.config: Login module control flag is not available',
    'Invalid value [hidden] for configuration ssl.key.password: it must not be empty',
    'Missing required configuration "password" which has no default value.',
    'nothing after password=',
    'file:///home/user/file.js:1:2',
  ]) {
    test(text, () => expect(redact(text)).toBe(text))
  }
})

describe('a value of a setting of type PASSWORD', () => {
  test('is hidden wherever it stands, also encoded for URLs and in JSON', () => {
    expect(new Password('se"cr/t-1').value).toBe('se"cr/t-1')
    expect(redact('a se"cr/t-1b')).toBe('a [hidden]b')
    expect(redact('?p=se%22cr%2Ft-1')).toBe('?p=[hidden]')
    expect(redact('"x":"se\\"cr/t-1"')).toBe('"x":"[hidden]"')
  })

  test('is hidden in parts when it is a JAAS configuration', () => {
    secrets.add('org.x.LoginModule required username="alice" password="alice-secret";')
    expect(redact('SASL says: alice-secret is wrong')).toBe('SASL says: [hidden] is wrong')
  })

  test('is hidden whole, over lines, when it is a PEM key', () => {
    secrets.add('-----BEGIN KEY-----\nabc\n-----END KEY-----')
    expect(redact('bad: -----BEGIN KEY-----\nabc\n-----END KEY----- !')).toBe('bad: [hidden] !')
  })

  test('that begins with another one is hidden to its end', () => {
    secrets.add('tiger-9')
    secrets.add('tiger-9-longer')
    expect(redact('tiger-9-longer tiger-9')).toBe('[hidden] [hidden]')
  })

  test('that is an everyday word is hidden as a word, class names stay', () => {
    secrets.add('kafka')
    expect(redact('kafka was wrong: kafka. org.apache.kafka.connect, kafkajs')).toBe(
      '[hidden] was wrong: [hidden]. org.apache.kafka.connect, kafkajs',
    )
  })

  for (const value of ['abc', '', 'true', '${env:PASSWORD_1}', '[hidden]']) {
    test(`${JSON.stringify(value)} hides nothing`, () => {
      secrets.add(value)
      expect(redact(`with ${value} in it`)).toBe(`with ${value} in it`)
    })
  }

  test('is remembered among any number of others, the newest always', () => {
    for (let i = 0; i < 5000; i++) secrets.add(`value-${i}-`)
    expect(redact('value-4999-')).toBe('[hidden]')
    expect(redact('value-0-')).toBe('value-0-')
  })
})

describe('time', () => {
  for (const [what, text] of [
    ['letters', 'a'.repeat(200_000)],
    ['dots', 'a.'.repeat(100_000)],
    ['slashes', '://'.repeat(70_000)],
    ['URLs without end', 'x://a:b'.repeat(30_000)],
    ['passwords without end', 'password'.repeat(25_000)],
    ['quotes', 'password="'.repeat(20_000)],
    ['blanks', `password${' '.repeat(200_000)}`],
  ] as const) {
    test(`grows with the text, not faster: ${what}`, () => {
      const started = performance.now()
      redact(text)
      expect(performance.now() - started).toBeLessThan(2000)
    })
  }
})

describe('names of settings', () => {
  for (const name of [
    'password',
    'ssl.key.password',
    'aws.secret.access.key',
    'sasl.jaas.config',
    'client_secret',
  ])
    test(`${name} says that its value is secret`, () => expect(isSecretName(name)).toBe(true))
  for (const name of [
    'topics',
    'key.converter',
    'password.file',
    'basic.auth.credentials.source',
    'message.key',
  ])
    test(`${name} does not`, () => expect(isSecretName(name)).toBe(false))
})
