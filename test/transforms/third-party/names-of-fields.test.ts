import { describe, expect, test } from 'vitest'
import type { SinkRecord } from '../../../src/index.ts'
import { Schema, SchemaBuilder, Struct } from '../../../src/index.ts'
import { changeCaseOfFields } from '../../../src/transforms/third-party/change-case.ts'
import { changeTopicCase } from '../../../src/transforms/third-party/change-topic-case.ts'
import { patternRename } from '../../../src/transforms/third-party/pattern-rename.ts'
import { contents, shape, structOf } from '../configure.ts'
import { configure, schemaless, sinkRecord } from './support.ts'

const renamedTopic = (from: string, to: string, topic: string) =>
  configure(changeTopicCase, { from, to })(sinkRecord(schemaless(null), { topic }))?.topic

describe('ChangeTopicCase', () => {
  for (const [from, topic, to, after] of [
    ['UPPER_UNDERSCORE', 'TOPIC_NAME', 'LOWER_CAMEL', 'topicName'],
    ['UPPER_UNDERSCORE', 'TOPIC_NAME', 'UPPER_CAMEL', 'TopicName'],
    ['UPPER_UNDERSCORE', 'TOPIC_NAME', 'LOWER_UNDERSCORE', 'topic_name'],
    ['UPPER_UNDERSCORE', 'TOPIC_NAME', 'LOWER_HYPHEN', 'topic-name'],
    ['LOWER_CAMEL', 'topicName', 'UPPER_UNDERSCORE', 'TOPIC_NAME'],
    ['LOWER_CAMEL', 'topicID', 'LOWER_UNDERSCORE', 'topic_i_d'],
    ['UPPER_CAMEL', 'TopicName', 'LOWER_HYPHEN', 'topic-name'],
    ['LOWER_UNDERSCORE', 'topic_name', 'LOWER_CAMEL', 'topicName'],
    ['LOWER_UNDERSCORE', '_topic', 'LOWER_CAMEL', 'Topic'],
    ['LOWER_UNDERSCORE', 'Topic_Name', 'LOWER_HYPHEN', 'Topic-Name'],
    ['LOWER_HYPHEN', 'Topic-Name', 'UPPER_UNDERSCORE', 'TOPIC_NAME'],
    ['LOWER_UNDERSCORE', 'as_it_is', 'LOWER_UNDERSCORE', 'as_it_is'],
    ['LOWER_UNDERSCORE', 'größe_ä', 'UPPER_UNDERSCORE', 'GRößE_ä'],
  ] as const) {
    test(`${topic} from ${from} to ${to} is ${after}`, () => {
      expect(renamedTopic(from, to, topic)).toBe(after)
    })
  }

  test('gives the record itself where the name stays, and keeps where it came from', () => {
    const record = sinkRecord(schemaless(1))
    const settings = { from: 'LOWER_CAMEL', to: 'LOWER_UNDERSCORE' }
    expect(configure(changeTopicCase, settings)(record)).toBe(record)
    const other = sinkRecord(schemaless(1), { topic: 'newOrders' })
    const after = configure(changeTopicCase, settings)(other) as SinkRecord
    expect([after.topic, after.originalTopic, after.value]).toEqual([
      'new_orders',
      'newOrders',
      schemaless(1),
    ])
  })

  test('refuses a case that there is not', () => {
    expect(() => renamedTopic('lower_camel', 'LOWER_CAMEL', 'x')).toThrow(
      'Invalid value lower_camel for configuration from: String must be one of',
    )
    expect(() => configure(changeTopicCase, { from: 'LOWER_CAMEL' })).toThrow(
      'Missing required configuration "to"',
    )
  })
})

describe('ChangeCase', () => {
  const apply = configure(changeCaseOfFields.value, { from: 'UPPER_UNDERSCORE', to: 'LOWER_CAMEL' })
  const inner = SchemaBuilder.struct()
    .name('inner')
    .version(3)
    .field('ZIP_CODE', Schema.STRING)
    .optional()
    .build()
  const schema = SchemaBuilder.struct()
    .name('customer')
    .version(2)
    .doc('who buys')
    .field('FIRST_NAME', Schema.STRING)
    .field('HOME_ADDRESS', inner)
    .field('OTHER_ADDRESSES', SchemaBuilder.array(inner).optional().build())
    .field('BY_KIND', SchemaBuilder.map(Schema.STRING, inner).optional().build())
    .build()
  const address = (zip: string) => new Struct(inner).put('ZIP_CODE', zip)

  test('renames at every depth, but not the keys of maps', () => {
    const value = new Struct(schema)
      .put('FIRST_NAME', 'Ann')
      .put('HOME_ADDRESS', address('0150'))
      .put('OTHER_ADDRESSES', [address('0151'), null])
      .put('BY_KIND', { AT_WORK: address('0152') })
    const after = apply(sinkRecord({ schema, value }))!.value
    expect(String(after.value)).toBe(
      'Struct{firstName=Ann,homeAddress=Struct{zipCode=0150},' +
        'otherAddresses=[Struct{zipCode=0151}, null],byKind={AT_WORK=Struct{ZIP_CODE=0152}}}',
    )
    ;(after.value as Struct).validate()
  })

  test('keeps the name of the schema and whether it is optional, and nothing else', () => {
    const value = new Struct(schema).put('FIRST_NAME', 'Ann')
    const after = apply(sinkRecord({ schema, value }))!.value
    expect(after.schema).toMatchObject({ name: 'customer', version: null, doc: null, optional: false })
    expect(after.schema!.field('homeAddress')!.schema).toMatchObject({ name: 'inner', optional: true })
    expect((after.value as Struct).get('homeAddress')).toBeNull()
    expect((after.value as Struct).get('otherAddresses')).toBeNull()
  })

  test('renames what has no schema, too', () => {
    const value = {
      FIRST_NAME: 'Ann',
      OTHER_ADDRESSES: [{ ZIP_CODE: '0151' }],
      HOME_ADDRESS: { ZIP_CODE: null },
    }
    expect(apply(sinkRecord(schemaless(value)))!.value.value).toEqual({
      firstName: 'Ann',
      otherAddresses: [{ zipCode: '0151' }],
      homeAddress: { zipCode: null },
    })
  })

  test('changes the schema of a null and leaves a tombstone alone', () => {
    const after = apply(sinkRecord({ schema: inner, value: null }))!.value
    expect([shape(after.schema), after.schema!.optional, after.value]).toEqual(['zipCode:STRING', true, null])
    const tombstone = sinkRecord(schemaless(null))
    expect(apply(tombstone)).toBe(tombstone)
  })

  test('works on keys and refuses what has no fields', () => {
    const onKey = configure(changeCaseOfFields.key, { from: 'LOWER_UNDERSCORE', to: 'UPPER_CAMEL' })
    expect(onKey(sinkRecord(schemaless(1), { key: schemaless({ order_id: 1 }) }))!.key.value).toEqual({
      OrderId: 1,
    })
    expect(() => apply(sinkRecord(schemaless('x')))).toThrow(
      'Only Struct and Map objects supported for [changing the case of fields], found: java.lang.String',
    )
  })

  test('refuses two fields that get one name', () => {
    const { schema, value } = structOf({ A_B: [Schema.STRING, 'x'], A_b: [Schema.STRING, 'y'] })
    expect(() => apply(sinkRecord({ schema, value }))).toThrow('field name duplication aB')
  })
})

describe('PatternRename', () => {
  const settings = { 'field.pattern': '^(\\w+)_id$', 'field.replacement': 'id_of_$1' }
  const apply = configure(patternRename.value, settings)

  test('renames fields whose names match and keeps their order, types and values', () => {
    const { schema, value } = structOf({
      order_id: [Schema.INT64, 7],
      total: [Schema.OPTIONAL_FLOAT64, null],
      CUSTOMER_ID: [Schema.STRING, 'c'],
    })
    const after = apply(sinkRecord({ schema, value }))!.value
    expect(shape(after.schema)).toBe('id_of_order:INT64 total:FLOAT64? id_of_CUSTOMER:STRING')
    expect(contents(after)).toEqual({ id_of_order: 7, total: null, id_of_CUSTOMER: 'c' })
  })

  test('keeps the rest of the schema but its version', () => {
    const schema = SchemaBuilder.struct().name('n').version(2).doc('d').parameter('p', 'q').optional()
    const { schema: after } = apply(
      sinkRecord({ schema: schema.field('a_id', Schema.INT8).build(), value: null }),
    )!.value
    expect(after).toMatchObject({
      name: 'n',
      version: null,
      doc: 'd',
      parameters: { p: 'q' },
      optional: true,
    })
    expect(shape(after)).toBe('id_of_a:INT8')
  })

  test('renames members of a map', () => {
    const value = { order_id: 7, inner: { item_id: 1 } }
    expect(apply(sinkRecord(schemaless(value)))!.value.value).toEqual({
      id_of_order: 7,
      inner: { item_id: 1 },
    })
    const typed = { schema: SchemaBuilder.map(Schema.STRING, Schema.FLOAT64).build(), value: { order_id: 7 } }
    const after = apply(sinkRecord(typed))!.value
    expect([after.schema, String((after.value as Record<string, unknown>)['id_of_order'])]).toEqual([
      null,
      '7.0',
    ])
  })

  for (const [flags, pattern, name, after] of [
    ['', 'A', 'banAna', 'ban-na'],
    ['CASE_INSENSITIVE', 'A', 'banAna', 'b-n-n-'],
    ['LITERAL', '.', 'a.b', 'a-b'],
    ['LITERAL,CASE_INSENSITIVE', 'A.', 'a.b', '-b'],
    ['LITERAL', 'a\\Eb', 'a\\Eb', '-'],
    ['COMMENTS', 'a b # both', 'cab', 'c-'],
    ['DOTALL', 'a.b', 'a\nb', '-'],
    ['MULTILINE', '^b', 'a\nb', 'a\n-'],
  ] as const) {
    test(`with the flags [${flags}] ${JSON.stringify(pattern)} makes ${JSON.stringify(name)} ${JSON.stringify(after)}`, () => {
      const rename = configure(patternRename.value, {
        'field.pattern': pattern,
        'field.pattern.flags': flags,
        'field.replacement': '-',
      })
      expect(rename(sinkRecord(schemaless({ [name]: 1 })))!.value.value).toEqual({ [after]: 1 })
    })
  }

  test('leaves a tombstone alone and refuses what has no fields', () => {
    const tombstone = sinkRecord(schemaless(null))
    expect(apply(tombstone)).toBe(tombstone)
    expect(() => apply(sinkRecord({ schema: Schema.INT32, value: 1 }))).toThrow(
      '[renaming fields], found: java.lang.Integer',
    )
  })

  test('refuses bad settings', () => {
    const bad = (more: Record<string, string>) => () =>
      configure(patternRename.value, { ...settings, ...more })
    expect(bad({ 'field.pattern': '[' })).toThrow(
      'Invalid value [ for configuration field.pattern: Invalid regex',
    )
    expect(bad({ 'field.pattern.flags': 'GLOBAL' })).toThrow('for configuration field.pattern.flags')
    expect(bad({ 'field.pattern.flags': 'CANON_EQ' })).toThrow('the flag CANON_EQ is not supported')
    expect(() => configure(patternRename.key, { 'field.pattern': 'x' })).toThrow(
      'Missing required configuration "field.replacement"',
    )
  })
})
