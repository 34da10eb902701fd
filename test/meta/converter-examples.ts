/** One set of settings; what comes out is computed. */
export interface ConverterExample {
  /** What there is to see. */
  readonly about: string
  readonly settings: Readonly<Record<string, string>>
  /** Connect values, each an envelope with its schema, or a payload without one. */
  readonly write?: readonly unknown[]
  /** Text, or bytes as hexadecimal digits. */
  readonly read?: readonly (string | { readonly hex: string })[]
}

const field = (type: string, name: string, more: object = {}) => ({ type, field: name, ...more })
const order = {
  schema: { type: 'struct', fields: [field('int32', 'id'), field('string', 'city', { optional: true })] },
  payload: { id: 7, city: 'Oslo' },
}
const price = {
  schema: {
    type: 'bytes',
    name: 'org.apache.kafka.connect.data.Decimal',
    version: 1,
    parameters: { scale: '2' },
  },
  payload: 'BOI=',
}
const withDefault = {
  schema: { type: 'struct', fields: [field('int32', 'pieces', { optional: true, default: 1 })] },
  payload: { pieces: null },
}
const of = (type: string, payload: unknown) => ({ schema: { type }, payload })
const at = {
  schema: { type: 'int64', name: 'org.apache.kafka.connect.data.Timestamp' },
  payload: 1483425001864,
}

/** By the name of the converter without package. */
export const converterExamples: Readonly<Record<string, readonly ConverterExample[]>> = {
  JsonConverter: [
    {
      about: 'By default every message brings its schema along, and one without it cannot be read.',
      settings: {},
      write: [order, of('int64', 5)],
      read: ['{"schema":{"type":"int64","optional":false},"payload":5}', '{"id":7}'],
    },
    {
      about: 'Plain JSON. What is read has no schema: numbers are int64 or float64, objects are maps.',
      settings: { 'schemas.enable': 'false' },
      write: [order, at, of('bytes', 'aGk=')],
      read: ['{"id":7,"total":12.5,"tags":["a"],"paid":true}', '5', '5.0', 'null', 'hello'],
    },
    {
      about: 'Decimals are Base64 of their bytes, which other programs seldom understand, ...',
      settings: { 'schemas.enable': 'false' },
      write: [price],
    },
    {
      about: '... or numbers, with all their digits.',
      settings: { 'schemas.enable': 'false', 'decimal.format': 'NUMERIC' },
      write: [price],
    },
    {
      about: 'A null in a field with a default becomes the default, ...',
      settings: { 'schemas.enable': 'false' },
      write: [withDefault],
    },
    {
      about: '... or stays null.',
      settings: { 'schemas.enable': 'false', 'replace.null.with.default': 'false' },
      write: [withDefault],
    },
  ],
  StringConverter: [
    {
      about: 'Everything has a text, and everything that is read is text. Structs look as Java prints them.',
      settings: {},
      write: [of('string', 'hello'), of('int32', 7), of('double', 10), order, { payload: { a: 1 } }],
      read: ['hello', '7', ''],
    },
    {
      about: 'Another encoding.',
      settings: { 'converter.encoding': 'ISO-8859-1' },
      write: [of('string', 'Tromsø')],
      read: [{ hex: '54726f6d73f8' }],
    },
  ],
  ByteArrayConverter: [
    {
      about: 'Bytes go through as they are; nothing else does.',
      settings: {},
      write: [of('bytes', 'AP8='), of('string', 'hello')],
      read: [{ hex: '00ff' }],
    },
  ],
  BooleanConverter: [
    {
      about: 'One for true, zero for false.',
      settings: {},
      write: [of('boolean', true), of('int32', 1)],
      read: [{ hex: '00' }, { hex: '02' }],
    },
  ],
  ShortConverter: [
    {
      about: 'Big-endian. Other lengths cannot be read.',
      settings: {},
      write: [of('int16', -2)],
      read: [{ hex: '0102' }, { hex: '01' }],
    },
  ],
  IntegerConverter: [
    {
      about: 'Big-endian. The text of a number is something else.',
      settings: {},
      write: [of('int32', 258)],
      read: [{ hex: '00000102' }, '7'],
    },
  ],
  LongConverter: [
    {
      about: 'Big-endian. The schema has to be int64: an int32 is no long.',
      settings: {},
      write: [of('int64', 258), of('int32', 258)],
      read: [{ hex: '7fffffffffffffff' }],
    },
  ],
  FloatConverter: [
    { about: 'As IEEE 754 says.', settings: {}, write: [of('float', 1.5)], read: [{ hex: '3dcccccd' }] },
  ],
  DoubleConverter: [
    {
      about: 'As IEEE 754 says.',
      settings: {},
      write: [of('double', 1.5)],
      read: [{ hex: '3fb999999999999a' }],
    },
  ],
  SimpleHeaderConverter: [
    {
      about: 'The smallest type that fits is inferred from the text; what looks like nothing else is text.',
      settings: {},
      write: [of('string', 'hello'), of('int32', 7), of('boolean', true), at, { payload: { a: [1, 2] } }],
      read: [
        ...['true', '7', '300', '70000', '3000000000', '1.5', '12.50', 'hello', '"7"', 'null', ''],
        ...['2017-01-03', '06:30:01.864Z', '2017-01-03T06:30:01.864Z', '[1, 2, 300]', '[1, "a"]', '{"a": 1}'],
      ],
    },
  ],
}
