import { describe, expect, test } from 'vitest'
import { parseConnectorFile } from '../../src/config/connector-file.ts'
import { positionText } from '../../src/config/properties.ts'

const parse = (text: string) => {
  const { name, config, initialState } = parseConnectorFile(text, 'c.json')
  return { name, initialState, values: { ...config.values } }
}
const missing = "Connector configuration at 'c.json' is missing the mandatory 'name' configuration"

describe('parseConnectorFile', () => {
  test('reads properties', () => {
    expect(parse('name = a\nfile=x')).toEqual({
      name: 'a',
      initialState: null,
      values: { name: 'a', file: 'x' },
    })
  })

  test('reads a flat JSON object, numbers and booleans as they are written', () => {
    expect(
      parse('{"name":"a","n":5,"d":1.50,"big":12345678901234567890,"e":1e3,"b":true,"x":null}').values,
    ).toEqual({
      name: 'a',
      n: '5',
      d: '1.50',
      big: '12345678901234567890',
      e: '1e3',
      b: 'true',
      x: null,
    })
  })

  test('reads the JSON of a create request and ignores fields it does not know', () => {
    const text = '{"name":"a","config":{"file":"x","n":1},"initial_state":"paused","unknown":{"deep":[1]}}'
    expect(parse(text)).toEqual({
      name: 'a',
      initialState: 'PAUSED',
      values: { file: 'x', n: '1', name: 'a' },
    })
    expect(parse('{"name":"a","config":{"name":"a"}}')).toEqual({
      name: 'a',
      initialState: null,
      values: { name: 'a' },
    })
  })

  for (const [what, text, message] of [
    ['properties without name', 'file=x', missing],
    ['an empty file', '', missing],
    ['flat JSON without name', '{"file":"x"}', missing],
    ['flat JSON whose name is null', '{"name":null}', missing],
    [
      'broken JSON',
      '{"name":"a",',
      `${missing} (read as properties, because the end at offset 12 is no JSON)`,
    ],
    ['a request without name', '{"config":{}}', missing],
    [
      'an unknown initial state',
      '{"name":"a","config":{},"initial_state":"x"}',
      "because 'initial_state' is none of",
    ],
    ['nested settings', '{"name":"a","config":{"x":{}}}', "because a value in 'config' is no text or number"],
    [
      'two names',
      '{"name":"a","config":{"name":"b"}}',
      "Connector name configuration in 'config' doesn't match the one specified in 'name' at 'c.json'",
    ],
  ] as const) {
    test(`refuses ${what}`, () => expect(() => parse(text)).toThrow(message))
  }

  test('knows where settings stand in every form, and which occur twice', () => {
    const place = (text: string, key: string) => {
      const { config } = parseConnectorFile(text, 'c')
      const at = config.origin(key)
      return [at === undefined ? undefined : positionText(at), config.duplicates.map((twice) => twice.key)]
    }
    expect(place('name=a\n file=x', 'file')).toEqual(['c:2:2', []])
    expect(place('{\n  "name": "a",\n  "file": "x",\n  "file": "y"\n}', 'file')).toEqual(['c:4:3', ['file']])
    expect(place('{"name":"a",\n"config":{\r\n  "file": "x"}}', 'file')).toEqual(['c:3:3', []])
    expect(place('{"name":"a",\n"config":{\n  "file": "x"}}', 'name')).toEqual(['c:1:2', []])
    expect(place('{"name":"a","config":{"file":"x"}}', 'config')).toEqual([undefined, []])
  })
})
