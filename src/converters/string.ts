/**
 * StringConverter writes the text that Java's toString gives for a value and reads text.
 *
 * Same settings and bytes as org.apache.kafka.connect.storage.StringConverter.
 */
import {
  ConfigError,
  configDef,
  decodeUtf8,
  defineConverter,
  encodeUtf8,
  javaText,
  nothing,
  Schema,
  string,
  type Converter,
} from '../index.ts'

export const stringConverter = defineConverter({
  name: 'org.apache.kafka.connect.storage.StringConverter',
  doc: 'Writes the text of a value, as Java prints it, and reads text.',
  roles: ['key', 'value', 'header'],
  config: configDef({
    'converter.encoding': string({
      importance: 'high',
      default: 'UTF-8',
      width: 'MEDIUM',
      displayName: 'Encoding',
      doc: 'The character set, by its Java name.',
    }),
  }),
  create({ 'converter.encoding': encoding }): Converter {
    const codec = codecOf(encoding)
    return {
      isUniform: true,
      fromConnectData: (_, { schema, value }) =>
        value === null || value === undefined ? null : codec.encode(javaText(value, schema)),
      toConnectData: (_, bytes) =>
        bytes === null
          ? { schema: Schema.OPTIONAL_STRING, value: nothing.value }
          : { schema: Schema.OPTIONAL_STRING, value: codec.decode(bytes) },
    }
  },
})

interface TextCodec {
  encode(text: string): Buffer
  decode(bytes: Buffer): string
}

function codecOf(encoding: string): TextCodec {
  const name = encoding.toLowerCase().replace(/[^a-z0-9]/g, '')
  const codec = codecs[name]
  if (codec === undefined) {
    throw new ConfigError(
      `Unsupported encoding ${encoding}; one of UTF-8, US-ASCII, ISO-8859-1, UTF-16, UTF-16BE, UTF-16LE`,
      {
        key: 'converter.encoding',
      },
    )
  }
  return codec
}

const utf8: TextCodec = { encode: encodeUtf8, decode: decodeUtf8 }

const utf16 = (isLittle: boolean, mark: string): TextCodec => ({
  encode(text) {
    const bytes = Buffer.from(text === '' ? '' : mark + text.replace(/\p{Surrogate}/gu, '\ufffd'), 'utf16le')
    return isLittle ? bytes : bytes.swap16()
  },
  decode(bytes) {
    const hasMark =
      mark !== '' &&
      bytes.length > 1 &&
      (bytes.readUInt16BE(0) === 0xfeff || bytes.readUInt16BE(0) === 0xfffe)
    const littleEndian = hasMark ? bytes[0] === 0xff : isLittle
    const even = Buffer.from(bytes.subarray(hasMark ? 2 : 0, bytes.length & ~1))
    return (
      (littleEndian ? even : even.swap16()).toString('utf16le') + (bytes.length % 2 === 1 ? '\ufffd' : '')
    )
  },
})

/** Single-byte sets: what they lack is a question mark going out and a replacement character coming in. */
const singleByte = (limit: number): TextCodec => ({
  encode: (text) =>
    Buffer.from([...text].map((char) => (char.codePointAt(0)! < limit ? char.codePointAt(0)! : 63))),
  decode: (bytes) =>
    Array.from(bytes, (byte) => (byte < limit ? String.fromCharCode(byte) : '\ufffd')).join(''),
})

const codecs: Readonly<Record<string, TextCodec | undefined>> = {
  utf8,
  usascii: singleByte(128),
  ascii: singleByte(128),
  iso88591: singleByte(256),
  latin1: singleByte(256),
  utf16: utf16(false, '\ufeff'),
  utf16be: utf16(false, ''),
  utf16le: utf16(true, ''),
}
