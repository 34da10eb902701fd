import { ConnectError } from '../../errors.ts'
import { JavaObjectReader, OutOfBytes, type JavaObject } from './java-object-reader.ts'

/** Key and value as JSON texts; either may be null in a file that Kafka Connect has written. */
export type JavaEntry = readonly [key: string | null, value: string | null]

export interface JavaOffsets {
  /** What Kafka Connect finds in the file: nothing when it is cut short. */
  readonly entries: readonly JavaEntry[]
  /** The file ends too early: Kafka Connect would silently start without offsets. */
  readonly isTruncated: boolean
  /** In a file cut short, the entries before the cut. */
  readonly salvageable: readonly JavaEntry[]
  /** How many entries the file says it has; null when it is cut before that. */
  readonly announced: number | null
}

export function isJavaOffsets(bytes: Buffer): boolean {
  return bytes.length >= 2 && bytes.readUInt16BE(0) === magic
}

/**
 * Reads the offsets file of Kafka Connect's standalone worker: a java.util.HashMap from byte[] to byte[], serialized.
 * Throws ConnectError, with Java's words, for a file that is something else.
 */
export function parseJavaOffsets(bytes: Buffer): JavaOffsets {
  const reader = new JavaObjectReader(bytes)
  const found: JavaEntry[] = []
  let announced: number | null = null
  try {
    reader.header()
    const root = reader.object({
      mapStarts: (count) => (announced = count),
      mapEntry: (key, value) => found.push([entryText(key), entryText(value)]),
    })
    if (root?.className !== 'java.util.HashMap') {
      throw new ConnectError(
        `Expected HashMap but found ${root === null ? 'null' : `class ${root.className}`}`,
      )
    }
    return { entries: found, isTruncated: false, salvageable: found, announced }
  } catch (thrown) {
    if (!(thrown instanceof OutOfBytes)) throw thrown
    return { entries: [], isTruncated: bytes.length > 0, salvageable: found, announced }
  }
}

/** The file that Kafka Connect reads, as Java lays it out (the order of a HashMap is arbitrary in Java, too). */
export function writeJavaOffsets(entries: Iterable<JavaEntry>): Buffer {
  const pairs = [...entries]
  let buckets = 16
  while (pairs.length > buckets * 0.75) buckets *= 2
  const threshold = pairs.length === 0 ? 0 : buckets * 0.75
  const out: Buffer[] = [mapHead, int(threshold), Buffer.from('7708', 'hex'), int(buckets), int(pairs.length)]
  let isFirst = true
  const array = (text: string | null) => {
    if (text === null) return void out.push(Buffer.of(0x70))
    const bytes = Buffer.from(text)
    out.push(isFirst ? firstArrayHead : nextArrayHead, int(bytes.length), bytes)
    isFirst = false
  }
  for (const [key, value] of pairs) {
    array(key)
    array(value)
  }
  out.push(Buffer.of(0x78))
  return Buffer.concat(out)
}

const magic = 0xaced

// Stream header, the class java.util.HashMap with its two fields, and the first of these, loadFactor 0.75.
const mapHead = Buffer.concat([
  Buffer.from('aced00057372', 'hex'),
  utf('java.util.HashMap'),
  Buffer.from('0507dac1c31660d103000246', 'hex'),
  utf('loadFactor'),
  Buffer.from('49', 'hex'),
  utf('threshold'),
  Buffer.from('78703f400000', 'hex'),
])
const firstArrayHead = Buffer.concat([
  Buffer.from('7572', 'hex'),
  utf('[B'),
  Buffer.from('acf317f8060854e002000078', 'hex'),
  Buffer.from('70', 'hex'),
])
const nextArrayHead = Buffer.from('7571007e0002', 'hex')

function utf(text: string): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(text.length)
  return Buffer.concat([length, Buffer.from(text, 'latin1')])
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

function entryText(item: JavaObject | null): string | null {
  if (item === null) return null
  if (item.bytes === undefined) throw new ConnectError(`class ${item.className} cannot be cast to class [B`)
  return item.bytes.toString('utf8')
}
