/**
 * PartitionRouting chooses the partition of a change event by fields of it.
 *
 * Same settings and results as io.debezium.transforms.partitions.PartitionRouting, except that a field in a row that is
 * missing counts as a missing field, where the original fails, and that a struct cannot be hashed.
 */
import {
  atLeast,
  configDef,
  defineTransform,
  int,
  list,
  rule,
  string,
  Struct,
  type Schema,
} from '../../index.ts'
import { choice } from './choice.ts'
import { changeEvent, isMissing } from './envelope.ts'
import { javaHash } from './java-hash.ts'
import { murmur3 } from './murmur3.ts'

const noEmptyElements = rule('list without empty elements', (value: readonly string[]) =>
  value.length === 0 || value.includes('') ? 'Empty string element(s) not permitted' : null,
)

export const partitionRouting = defineTransform({
  name: 'io.debezium.transforms.partitions.PartitionRouting',
  doc: 'Chooses the partition of a change event by the content of fields.',
  config: configDef({
    'partition.payload.fields': list({
      importance: 'high',
      validate: noEmptyElements,
      doc: 'The fields that decide, with dots into what is nested: after.city, source.table. change stands for after, and for before in delete events. Fields that a record does not have, or has as null, are left out; a record without any of them keeps its partition.',
    }),
    'partition.topic.num': int({
      importance: 'high',
      validate: atLeast(1),
      doc: 'How many partitions the topic has.',
    }),
    'partition.hash.function': string({
      importance: 'low',
      default: 'java',
      validate: choice('java', 'murmur'),
      doc: "How the content becomes a number: java is Java's hashCode, murmur MurmurHash3.",
    }),
  }),
  create(settings) {
    const paths = settings['partition.payload.fields'].map((path) =>
      path.split('.').map((step) => step.trim()),
    )
    const partitions = settings['partition.topic.num']
    const hash = settings['partition.hash.function'].toLowerCase() === 'java' ? javaHash : murmurHash

    return {
      apply(record) {
        const envelope = changeEvent(record.value, 'partition routing')
        if (envelope === null) return record
        const op = envelope.schema.field('op') === undefined ? null : envelope.getString('op')
        if (op === 't' || op === 'm') return record
        const row = op === 'd' ? 'before' : 'after'
        const found = paths.map((path) => follow(envelope, path, row)).filter((field) => field !== null)
        if (found.length === 0) return record
        let sum = 0
        for (const { value, schema } of found) sum = (sum + hash(value, schema)) | 0
        return record.with({ partition: partitionFor(sum, partitions) })
      },
    }
  },
})

interface Found {
  readonly value: unknown
  readonly schema: Schema
}

/** The value at the end of a path; null where it ends before. */
function follow(envelope: Struct, path: readonly string[], row: string): Found | null {
  let struct = envelope
  for (let at = 0; ; at++) {
    const isLast = at === path.length - 1
    const field = struct.schema.field(path[at] === 'change' && !isLast ? row : path[at]!)
    if (field === undefined) return null
    const value = isLast ? struct.get(field) : struct.at(field.index)
    if (isMissing(value)) return null
    if (isLast) return { value, schema: field.schema }
    if (!(value instanceof Struct)) return null
    struct = value
  }
}

function partitionFor(hash: number, partitions: number): number {
  const positive = hash & 0x7fffffff
  return positive === 0x7fffffff ? 0 : positive % partitions
}

export function murmurHash(value: unknown, schema: Schema): number {
  if (typeof value === 'string') {
    // Half of a surrogate pair is a question mark to Java.
    return murmur3(Buffer.from(value.replace(/\p{Surrogate}/gu, '?')))
  }
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(javaHash(value, schema))
  return murmur3(bytes)
}
