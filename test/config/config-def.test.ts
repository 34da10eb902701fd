import { inspect } from 'node:util'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { configDef, mergeFields, withPrefix } from '../../src/config/config-def.ts'
import {
  boolean,
  classRef,
  double,
  int,
  list,
  long,
  longNumber,
  password,
  short,
  string,
} from '../../src/config/fields.ts'
import type { Password } from '../../src/config/password.ts'
import { parseProperties } from '../../src/config/properties.ts'
import { atLeast, nonEmpty, oneOf, rule, uniqueAliases } from '../../src/config/validators.ts'
import { withOrigin } from '../../src/config/with-origin.ts'

const about = { importance: 'low', doc: '' } as const
const files = configDef({
  'topic': string({ ...about, validate: nonEmpty }),
  'file': string({ ...about, default: null }),
  'batch.size': int({ ...about, default: 2000, validate: atLeast(1) }),
})

describe('configDef', () => {
  test('gives settings their types, null only where null is the default', () => {
    const settings = files.parse({ topic: ' t ' })
    expect(settings).toEqual({ 'topic': 't', 'file': null, 'batch.size': 2000 })
    expectTypeOf(settings).toEqualTypeOf<{
      readonly 'topic': string
      readonly 'file': string | null
      readonly 'batch.size': number
    }>()
  })

  test('parses every type', () => {
    const all = configDef({
      b: boolean({ ...about, default: false }),
      s: short(about),
      l: long(about),
      n: longNumber(about),
      d: double({ ...about, default: null }),
      li: list({ ...about, default: 'x,y' }),
      c: classRef(about),
      p: password({ ...about, default: null }),
    })
    const settings = all.parse({
      b: 'TRUE',
      s: '-5',
      l: '9007199254740993',
      n: '9223372036854775807',
      c: 'A',
      p: 'x',
    })
    expect({ ...settings, p: settings.p?.value }).toEqual({
      b: true,
      s: -5,
      l: 9007199254740993n,
      n: 2 ** 63,
      d: null,
      li: ['x', 'y'],
      c: 'A',
      p: 'x',
    })
    expectTypeOf(settings.p).toEqualTypeOf<Password | null>()
    expectTypeOf(settings.l).toEqualTypeOf<number | bigint>()
    expectTypeOf(settings.li).toEqualTypeOf<readonly string[]>()
  })

  test('throws the first problem and names its key', () => {
    const parse = () => files.parse({ 'topic': 't', 'batch.size': '0' })
    expect(parse).toThrow('Invalid value 0 for configuration batch.size: Value must be at least 1')
    expect(() => files.parse({})).toThrow(
      'Missing required configuration "topic" which has no default value.',
    )
    try {
      parse()
    } catch (error) {
      expect((error as ConfigError).key).toBe('batch.size')
    }
  })

  test('does not take a name of Object.prototype for a setting', () => {
    expect(configDef({ valueOf: string({ ...about, default: 'd' }) }).parse({}).valueOf).toBe('d')
  })

  test('validates a default when it is defined', () => {
    expect(() => configDef({ n: int({ ...about, default: 0, validate: atLeast(1) }) })).toThrow(
      'Invalid value 0 for configuration n: Value must be at least 1',
    )
  })

  test('collects every problem of every setting, running validators on what could not be parsed', () => {
    const [topic, file, size] = files.validate({ 'batch.size': 'abc' })
    expect(topic).toMatchObject({
      value: null,
      errors: ['Missing required configuration "topic" which has no default value.'],
    })
    expect(file).toMatchObject({ value: null, errors: [], visible: true, recommendedValues: [] })
    expect(size?.errors).toEqual([
      'Invalid value abc for configuration batch.size: Not a number of type INT',
      'Invalid value null for configuration batch.size: Value must be non-null',
    ])
  })

  test('asks recommenders with all parsed values', () => {
    const def = configDef({
      mode: string({ ...about, default: 'a', validate: oneOf('a', 'b') }),
      extra: string({
        ...about,
        default: null,
        recommender: {
          validValues: (name, { mode }) => [name, mode],
          visible: (_, { mode }) => mode === 'b',
        },
      }),
    })
    expect(def.validate({ mode: 'a' })[1]).toMatchObject({
      recommendedValues: ['extra', 'a'],
      visible: false,
    })
  })

  test('says which dependents there are not', () => {
    const def = configDef({
      a: string({ ...about, default: 'x', dependents: ['phantom', 'b', 'ghost'] }),
      b: int(about),
    })
    expect(def.validate({ b: '1' }).map(({ name, errors, visible }) => ({ name, errors, visible }))).toEqual([
      { name: 'a', errors: [], visible: true },
      { name: 'b', errors: [], visible: true },
      {
        name: 'phantom',
        errors: ['phantom is referred in the dependents, but not defined.'],
        visible: false,
      },
      { name: 'ghost', errors: ['ghost is referred in the dependents, but not defined.'], visible: false },
    ])
    expect(() => def.parse({ b: '1' })).toThrow(
      'Some configurations in are referred in the dependents, but not defined: phantom,ghost',
    )
  })

  test('hears from a recommender that fails', () => {
    const recommender = {
      validValues: () => {
        throw new ConfigError('no idea')
      },
    }
    const def = configDef({ a: string({ ...about, default: 'x', recommender }) })
    expect(def.validate({})).toEqual([
      { name: 'a', value: 'x', recommendedValues: [], errors: ['no idea'], visible: true },
    ])
  })

  test('looks classes up where it is told how', () => {
    const def = configDef({ c: classRef({ ...about, default: null }) })
    const findClass = (name: string) => (name === 'X' ? { name: 'org.X' } : { hint: 'Did you mean X?' })
    expect(def.parse({ c: ' X ' }, { findClass }).c).toBe('org.X')
    expect(() => def.parse({ c: ' Y' }, { findClass })).toThrow(
      'Invalid value  Y for configuration c: Class  Y could not be found. Did you mean X?',
    )
    expect(def.parse({}, { findClass }).c).toBeNull()
  })

  test('refuses to define a setting twice', () => {
    expect(() => mergeFields({ a: int(about) }, { a: int(about) })).toThrow(
      'Configuration a is defined twice.',
    )
    expectTypeOf(
      configDef(mergeFields({ a: int(about) }, { b: string(about) })).parse({ a: '1', b: '' }).a,
    ).toBeNumber()
  })

  test('takes values that have their type already and refuses others as Kafka does', () => {
    const def = configDef({ n: int({ ...about, default: 1 }), s: string({ ...about, default: '' }) })
    expect(() => def.parse({ n: 2 ** 40 } as never)).toThrow(
      'Expected value to be a 32-bit integer, but it was a java.lang.Long',
    )
    expect(() => def.parse({ s: 1 } as never)).toThrow(
      'Expected value to be a string, but it was a java.lang.Integer',
    )
  })

  test('refuses duplicate aliases and follows rules of a plugin', () => {
    const def = configDef({
      transforms: list({ ...about, default: [], validate: uniqueAliases }),
      even: int({
        ...about,
        default: 2,
        validate: rule('even', (n: number) => (n % 2 ? 'must be even' : null)),
      }),
    })
    expect(() => def.parse({ transforms: 'a, a' })).toThrow(
      'Invalid value [a, a] for configuration transforms: Duplicate alias provided.',
    )
    expect(() => def.parse({ even: '3' })).toThrow('Invalid value 3 for configuration even: must be even')
  })

  test('splits a list with a megabyte of blanks in a moment', () => {
    const { l } = configDef({ l: list(about) }).parse({ l: `a${' '.repeat(1e6)}x${'\t'.repeat(1e6)},b` })
    expect(l).toHaveLength(2)
  })
})

describe('Password', () => {
  test('never shows itself', () => {
    const { p } = configDef({ p: password(about) }).parse({ p: 'secret' })
    expect(
      `${p} ${JSON.stringify({ p })} ${inspect(p)} ${inspect({ p }, { showHidden: true })}`,
    ).not.toContain('secret')
    expect(() => configDef({ p: password(about) }).parse({ p: 4711 } as never)).toThrow(
      'Invalid value [hidden]',
    )
  })
})

describe('withOrigin', () => {
  const sourced = parseProperties('topic=t\n batch.size=x\n', 'f.properties')

  test('says where the setting to blame stands', () => {
    const error = withOrigin(new ConfigError('Bad.', { key: 'batch.size' }), sourced)
    expect(error.message).toBe('Bad. (f.properties:2:2)')
    expect(withOrigin(error, sourced).message).toBe('Bad. (f.properties:2:2)')
  })

  test('names the file when the setting is missing', () => {
    expect(withOrigin(new ConfigError('Missing.', { key: 'name' }), sourced).message).toBe(
      'Missing. (f.properties)',
    )
  })
})

describe('withPrefix', () => {
  test('cuts the prefix off, leaving out the prefix itself', () => {
    expect({ ...withPrefix({ 'a.': '0', 'a.b': '1', 'ab': '2' }, 'a.') }).toEqual({ b: '1' })
  })
})
