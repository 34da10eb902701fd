/**
 * GzipDecompress unpacks bytes that are packed with gzip.
 *
 * Same results as io.confluent.connect.transforms.GzipDecompress, after its public documentation, up to a bound on what
 * comes out.
 */
import { promisify } from 'node:util'
import { gunzip, gunzipSync } from 'node:zlib'
import {
  between,
  configDef,
  DataError,
  defineTransform,
  int,
  javaClassOf,
  type ConnectRecord,
} from '../../index.ts'

export const gzipDecompress = { key: form('key', 'Key'), value: form('value', 'Value') }

const unpackAside = promisify(gunzip)

/** What may be unpacked at once; more takes so long that other work would wait for it. */
const maxBytesAtOnce = 1024 * 1024

function form(part: 'key' | 'value', suffix: string) {
  return defineTransform({
    name: `io.confluent.connect.transforms.GzipDecompress$${suffix}`,
    doc: 'Unpacks bytes that are packed with gzip. A null stays null.',
    config: configDef({
      'max.output.bytes': int({
        importance: 'low',
        default: 64 * 1024 * 1024,
        validate: between(1, 2 ** 30),
        doc: 'How many bytes may come out; more is a data error. Only tsconnect has this setting.',
      }),
    }),
    create({ 'max.output.bytes': maxOutputLength }) {
      const options = { maxOutputLength }
      return {
        apply(record) {
          const { schema, value } = record[part]
          if (value === null || value === undefined) return record
          if (!(value instanceof Uint8Array)) {
            throw new DataError(
              `The ${part} of a record of topic ${record.topic} should be bytes to be unpacked, and is ${javaClassOf(value, schema)}`,
            )
          }
          const unpacked = (bytes: Buffer): typeof record => record.with({ [part]: { schema, value: bytes } })
          if (Math.max(value.length, statedLength(value)) > maxBytesAtOnce) {
            return unpackAside(value, options).then(unpacked, (cause: unknown) => {
              throw failure(part, record, maxOutputLength, cause)
            })
          }
          try {
            return unpacked(gunzipSync(value, options))
          } catch (cause) {
            throw failure(part, record, maxOutputLength, cause)
          }
        },
      }
    },
  })
}

/** The length that the last four bytes state, which nobody has to believe. */
function statedLength(bytes: Uint8Array): number {
  const { byteLength, byteOffset, buffer } = bytes
  return byteLength < 4 ? 0 : new DataView(buffer, byteOffset + byteLength - 4, 4).getUint32(0, true)
}

function failure(part: string, { topic }: ConnectRecord, maxBytes: number, cause: unknown): DataError {
  const { code, message } = cause as NodeJS.ErrnoException
  const problem =
    code === 'ERR_BUFFER_TOO_LARGE' ? `more than max.output.bytes=${maxBytes} come out` : message
  return new DataError(`The ${part} of a record of topic ${topic} cannot be unpacked: ${problem}`, { cause })
}
