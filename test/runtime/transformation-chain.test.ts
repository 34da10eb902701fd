import { describe, expect, test } from 'vitest'
import {
  configDef,
  type ConnectRecord,
  definePredicate,
  defineTransform,
  type MaybePromise,
  nonEmpty,
  SinkRecord,
  string,
  type Transform,
} from '../../src/index.ts'
import { builtinPlugins } from '../../src/plugins/builtin.ts'
import { PluginRegistry, type PluginEntry } from '../../src/plugins/registry.ts'
import { buildChain, TransformationChain } from '../../src/runtime/transformation-chain.ts'
import { createLogger, LogOutput, silentLogger } from '../../src/util/logger.ts'

/** Appends `text` to the topic, at once or later; `drop` drops the record, `fail` fails. */
const append = defineTransform({
  name: 'io.acme.Append',
  config: configDef({ text: string({ importance: 'high', validate: nonEmpty, doc: 'What to append.' }) }),
  create: ({ text }): Transform => ({
    apply(record) {
      if (text === 'drop') return null
      if (text === 'fail') throw new Error('cannot append')
      const appended = record.with({ topic: record.topic + text })
      return text.startsWith('~') ? Promise.resolve(appended) : appended
    },
  }),
})

const seen: string[] = []
const closed: string[] = []
const counting = definePredicate({
  name: 'io.acme.Counting',
  config: configDef({}),
  create: () => {
    seen.push('made')
    return {
      test: () => true,
      close() {
        closed.push('predicate')
        throw new Error('cannot close')
      },
    }
  },
})

const plugins = new PluginRegistry([
  ...builtinPlugins,
  { kind: 'transformation', name: append.name, load: async () => append } as PluginEntry<'transformation'>,
  { kind: 'predicate', name: counting.name, load: async () => counting } as PluginEntry<'predicate'>,
])

const record = (topic = 't') => new SinkRecord({ topic, partition: 0, offset: 7 })

async function topicAfter(props: Record<string, string>, topic = 't'): Promise<string | null> {
  const chain = await buildChain(props, plugins)
  return (await chain.apply(record(topic)))?.topic ?? null
}

/** Settings of `Append` transforms by alias, in their order. */
function appends(texts: Record<string, string>): Record<string, string> {
  const props: Record<string, string> = { transforms: Object.keys(texts).join(', ') }
  for (const [alias, text] of Object.entries(texts)) {
    props[`transforms.${alias}.type`] = 'Append'
    props[`transforms.${alias}.text`] = text
  }
  return props
}

describe('a chain', () => {
  test('without transforms gives the record itself', async () => {
    for (const props of [{}, { transforms: '' }, { transforms: '  ' }]) {
      const chain = await buildChain(props, plugins)
      const given = record()
      expect(chain.isEmpty).toBe(true)
      expect(chain.apply(given)).toBe(given)
    }
  })

  for (const { what, texts, topic } of [
    { what: 'applies transforms in the listed order', texts: { b: '-1', a: '-2' }, topic: 't-1-2' },
    {
      what: 'waits for a promise and goes on behind it',
      texts: { a: '~1', b: '2', c: '~3' },
      topic: 't~12~3',
    },
    { what: 'stops where a record is dropped', texts: { a: '1', b: 'drop', c: 'fail' }, topic: null },
    { what: 'stops where a record is dropped behind a promise', texts: { a: '~1', b: 'drop' }, topic: null },
  ]) {
    test(what, async () => expect(await topicAfter(appends(texts))).toBe(topic))
  }

  test('answers at once where its transforms do', async () => {
    const chain = await buildChain(appends({ a: '1', b: '2' }), plugins)
    expect((chain.apply(record()) as SinkRecord).topic).toBe('t12')
  })

  test('throws what a transform throws', async () => {
    const chain = await buildChain(appends({ a: '1', b: 'fail' }), plugins)
    expect(() => chain.apply(record())).toThrow('cannot append')
    expect(chain.toString()).toBe('TransformationChain{io.acme.Append, io.acme.Append}')
  })

  for (const when of ['at once', 'later']) {
    test(`goes on behind a transform that fails ${when} and is recovered, not from the start`, async () => {
      const applied: string[] = []
      const stage = (name: string, fails = false) => ({
        className: `io.acme.${name}`,
        predicate: null,
        negate: false,
        transform: {
          apply<R extends ConnectRecord>(given: R): MaybePromise<R | null> {
            applied.push(name)
            const error = new Error('cannot')
            if (fails && applied.filter((each) => each === name).length === 1) {
              if (when === 'at once') throw error
              return Promise.reject(error)
            }
            return given.with({ topic: given.topic + name })
          },
        },
      })
      const chain = new TransformationChain([stage('A'), stage('B', true), stage('C')])
      const blamed: unknown[] = []
      const origin = { any: 'thing' }
      const result = await chain.apply(
        record(),
        async (className, given, error, again) => {
          blamed.push(className, given, (error as Error).message)
          return again()
        },
        origin,
      )
      expect(result?.topic).toBe('tABC')
      expect(applied).toEqual(['A', 'B', 'B', 'C'])
      expect(blamed).toEqual(['io.acme.B', origin, 'cannot'])
    })
  }

  test('drops the record when recovery says so', async () => {
    const chain = await buildChain(appends({ a: 'fail', b: '1' }), plugins)
    expect(await chain.apply(record(), async () => null, null)).toBeNull()
  })

  test('keeps the coordinates that the sink record came with', async () => {
    const chain = await buildChain(appends({ a: '1' }), plugins)
    expect(await chain.apply(record())).toMatchObject({ topic: 't1', originalTopic: 't', offset: 7 })
  })

  test('closes every transform and predicate, also behind one that cannot be closed', () => {
    closed.length = 0
    const lines: string[] = []
    const stage = (name: string) => ({
      className: `io.acme.${name}`,
      transform: { apply: <R>(given: R) => given, close: () => void closed.push(name) },
      predicate: counting.create({}),
      negate: false,
    })
    const log = createLogger(new LogOutput((line) => lines.push(line)), 'test')
    new TransformationChain([stage('A'), stage('B')]).close(log)
    expect(closed).toEqual(['A', 'predicate', 'B', 'predicate'])
    expect(lines.map((line) => /WARN Could not close (\S+)/.exec(line)?.[1])).toEqual([
      'io.acme.A',
      'io.acme.B',
    ])
  })
})

describe('a predicate', () => {
  const withPredicate = (own: Record<string, string>) => ({
    ...appends({ a: '1' }),
    'transforms.a.predicate': 'p',
    'predicates': 'p',
    'predicates.p.type': 'TopicNameMatches',
    'predicates.p.pattern': 'orders-.*',
    ...own,
  })

  for (const { own, topic, after } of [
    { own: {}, topic: 'orders-eu', after: 'orders-eu1' },
    { own: {}, topic: 'bills', after: 'bills' },
    { own: { 'transforms.a.negate': 'true' }, topic: 'orders-eu', after: 'orders-eu' },
    { own: { 'transforms.a.negate': 'true' }, topic: 'bills', after: 'bills1' },
    { own: { 'transforms.a.negate': 'TRUE' }, topic: 'bills', after: 'bills1' },
    // Trimmed when it is checked, not when it is read.
    { own: { 'transforms.a.negate': ' true ' }, topic: 'bills', after: 'bills' },
    { own: { 'transforms.a.negate': 'false' }, topic: 'bills', after: 'bills' },
  ]) {
    test(`with ${JSON.stringify(own)} makes ${after} of ${topic}`, async () => {
      expect(await topicAfter(withPredicate(own), topic)).toBe(after)
    })
  }

  test('used twice is two predicates', async () => {
    seen.length = 0
    const props = {
      ...appends({ a: '1', b: '2' }),
      'transforms.a.predicate': 'p',
      'transforms.b.predicate': 'p',
      'predicates': 'p',
      'predicates.p.type': 'io.acme.Counting',
    }
    const chain = await buildChain(props, plugins)
    expect(seen).toEqual(['made', 'made'])
    chain.close(silentLogger)
  })
})

describe('a chain cannot be built', () => {
  const one = appends({ a: '1' })
  for (const { what, props, message, key } of [
    {
      what: 'of an alias given twice',
      props: { ...one, transforms: 'a, b,a' },
      message: 'Invalid value [a, b, a] for configuration transforms: Duplicate alias provided.',
      key: 'transforms',
    },
    {
      what: 'of a predicate alias given twice',
      props: { ...one, 'transforms.a.predicate': 'p', 'predicates': 'p,p' },
      message: 'Invalid value [p, p] for configuration predicates: Duplicate alias provided.',
      key: 'predicates',
    },
    {
      what: 'without a type',
      props: { transforms: 'a' },
      message: 'Invalid value null for configuration transforms.a.type: Not a Transformation',
      key: 'transforms.a.type',
    },
    {
      what: 'without the type of a predicate',
      props: { ...one, 'transforms.a.predicate': 'p', 'predicates': 'p' },
      message: 'Invalid value null for configuration predicates.p.type: Not a Predicate',
      key: 'predicates.p.type',
    },
    {
      what: 'of a class that is none',
      props: { ...one, 'transforms.a.type': 'Apend' },
      message:
        'Invalid value Apend for configuration transforms.a.type: Class Apend could not be found. Did you mean Append?',
      key: 'transforms.a.type',
    },
    {
      what: 'of a plugin of another kind',
      props: { ...one, 'transforms.a.type': 'TopicNameMatches' },
      message: 'Class TopicNameMatches could not be found.',
      key: 'transforms.a.type',
    },
    {
      what: 'of a predicate that is none',
      props: {
        ...one,
        'transforms.a.predicate': 'p',
        'predicates': 'p',
        'predicates.p.type': 'RegexRouter',
      },
      message:
        'Invalid value RegexRouter for configuration predicates.p.type: Class RegexRouter could not be found.',
      key: 'predicates.p.type',
    },
    {
      what: 'with a wrong setting, which is named as in the file',
      props: { ...one, 'transforms.a.text': '' },
      message: 'Invalid value  for configuration text: String must be non-empty',
      key: 'transforms.a.text',
    },
    {
      what: 'with a wrong setting of a predicate',
      props: {
        ...one,
        'transforms.a.predicate': 'p',
        'predicates': 'p',
        'predicates.p.type': 'TopicNameMatches',
        'predicates.p.pattern': '[',
      },
      message: 'Invalid value [ for configuration pattern',
      key: 'predicates.p.pattern',
    },
    {
      what: 'negated without a predicate',
      props: { ...one, 'transforms.a.negate': 'true' },
      message:
        "Config 'transforms.a.negate' was provided but there is no config 'transforms.a.predicate' defining a predicate to be negated.",
      key: 'transforms.a.negate',
    },
    {
      what: 'with a negate that is no boolean',
      props: {
        ...one,
        'predicates': 'p',
        'predicates.p.type': 'io.acme.Counting',
        'transforms.a.predicate': 'p',
        'transforms.a.negate': 'yes',
      },
      message:
        'Invalid value yes for configuration transforms.a.negate: Expected value to be either true or false',
      key: 'transforms.a.negate',
    },
    {
      what: 'with an unused predicate without type',
      props: { ...one, predicates: 'p' },
      message: 'Invalid value null for configuration predicates.p.type: Not a Predicate',
      key: 'predicates.p.type',
    },
    {
      what: 'with blanks around a type',
      props: { ...one, 'transforms.a.type': ' io.acme.Append ' },
      message: 'Error getting config definition from Transformation:  io.acme.Append ',
      key: 'transforms.a.type',
    },
    {
      what: 'with a predicate that is not listed',
      props: { ...one, 'transforms.a.predicate': 'p' },
      message: "Unknown configuration 'predicates.p.plugin.version'",
    },
    {
      what: 'with an empty predicate',
      props: { ...one, 'transforms.a.predicate': '' },
      message: "Unknown configuration 'predicates..plugin.version'",
    },
  ] as readonly { what: string; props: Record<string, string>; message: string; key?: string }[]) {
    test(what, async () => {
      const error = await buildChain(props, plugins).catch((thrown: unknown) => thrown)
      expect((error as Error).message).toContain(message)
      if (key !== undefined) expect(error).toMatchObject({ key })
    })
  }
})
