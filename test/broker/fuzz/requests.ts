import { allApisWithLogin } from '../../../src/broker/apis/all-apis.ts'
import { batchHeaderBytes } from '../../../src/broker/log/batch-header.ts'
import { compress } from '../../../src/protocol/codecs.ts'
import { codecIds, type CodecName } from '../../../src/protocol/record-batch.ts'
import type { WireWriter } from '../../../src/protocol/wire-writer.ts'
import { batchOf } from '../batches.ts'
import { FieldWriter, type Field } from './field-writer.ts'

/** A well-formed request: its whole frame, and what is in it. */
export interface Template {
  readonly key: number
  readonly version: number
  readonly name: string
  readonly frame: Buffer
  readonly fields: readonly Field[]
}

type Body = (w: WireWriter, version: number) => void

/** Topics that requests may do anything to. */
export const topics = ['t', 'compacted', 'made'] as const

/** A request of every API in every version that the broker offers; Produce with every shape of batches. */
export async function corpus(): Promise<Template[]> {
  const batches = await recordBatches()
  const templates: Template[] = []
  for (const { key, name, minVersion, maxVersion, flexibleFrom } of allApisWithLogin.values()) {
    for (let version = minVersion; version <= maxVersion; version++) {
      const flexible = version >= flexibleFrom
      const bodies = key === 0 ? batches.map(produceBody) : bodiesOf(key)
      for (const body of bodies) templates.push(template({ key, version, name, flexible }, body))
    }
  }
  return templates
}

function template(
  { key, version, name, flexible }: { key: number; version: number; name: string; flexible: boolean },
  body: Body,
): Template {
  const writer = new FieldWriter()
  writer.int32(0).int16(key).int16(version).int32(0).nullableString('fuzz')
  writer.flexible = flexible
  writer.tags()
  body(writer, version)
  const frame = Buffer.from(writer.view())
  frame.writeInt32BE(frame.length - 4, 0)
  return { key, version, name, frame, fields: writer.fields }
}

function bodiesOf(key: number): readonly Body[] {
  const found = bodies[key]
  if (found === undefined) throw new Error(`There is no request of API ${key} to start from.`)
  return Array.isArray(found) ? found : [found as Body]
}

/** A structure for each of the names. */
function each(w: WireWriter, names: readonly string[], body: (name: string) => void): WireWriter {
  return w.array(names, (_, name) => {
    w.string(name)
    body(name)
    w.tags()
  })
}

/** Topics with partitions. */
function parts(
  w: WireWriter,
  body: (partition: number) => void,
  ids: readonly number[] = [0, 1],
): WireWriter {
  return each(w, ['t'], () =>
    w.array(ids, (_, partition) => {
      w.int32(partition)
      body(partition)
      w.tags()
    }),
  )
}

function ids(w: WireWriter): WireWriter {
  return each(w, ['t'], () => w.array([0, 1], (_, id) => w.int32(id)))
}

function produceBody({ records, transactionalId, topic = 't' }: ProducedBatches): Body {
  return (w, v) => {
    if (v >= 3) w.nullableString(transactionalId ?? null)
    w.int16(-1).int32(1000)
    each(w, [topic], () => w.array([0], () => w.int32(0).bytes(records).tags())).tags()
  }
}

const producer = (w: WireWriter) => w.string('tx').int64(0).int16(0)
const subscription = Buffer.from('0001000000010001740000000000000000', 'hex')
const join =
  (group: string, instance: string | null): Body =>
  (w, v) => {
    w.string(group).int32(200)
    if (v >= 1) w.int32(200)
    w.string('')
    if (v >= 5) w.nullableString(instance)
    w.string('consumer').array(['range', 'roundrobin'], (_, name) =>
      w.string(name).bytes(subscription).tags(),
    )
    if (v >= 8) w.nullableString('because')
    w.tags()
  }

const bodies: Record<number, Body | readonly Body[]> = {
  1: [0, 1].map((isolation) => (w, v) => {
    w.int32(-1).int32(5).int32(1).int32(1_000_000).int8(isolation)
    if (v >= 7) w.int32(0).int32(-1)
    parts(w, () => {
      if (v >= 9) w.int32(-1)
      w.int64(0)
      if (v >= 12) w.int32(-1)
      if (v >= 5) w.int64(-1)
      w.int32(100_000)
    })
    if (v >= 7) ids(w)
    if (v >= 11) w.string('rack')
    w.tags()
  }),
  2: [-1, -2, -3, 1_700_000_000_000].map((timestamp) => (w, v) => {
    w.int32(-1)
    if (v >= 2) w.int8(0)
    parts(w, () => {
      if (v >= 4) w.int32(-1)
      w.int64(timestamp)
    }).tags()
  }),
  3: [null, ['t', 'auto']].map((names) => (w, v) => {
    w.array(v === 0 ? (names ?? []) : names, (_, name) => w.string(name).tags())
    if (v >= 4) w.boolean(true)
    if (v >= 8) w.boolean(true).boolean(true)
    w.tags()
  }),
  8: (w, v) => {
    w.string('g').int32(-1).string('')
    if (v >= 7) w.nullableString(null)
    if (v <= 4) w.int64(-1)
    parts(w, () => {
      w.int64(7)
      if (v >= 6) w.int32(-1)
      w.nullableString('note')
    }).tags()
  },
  9: [false, true].map((all) => (w, v) => {
    const asked = () => (all && v >= 2 ? w.array(null, () => {}) : ids(w))
    if (v < 8) {
      w.string('g')
      asked()
    } else {
      each(w, ['g', 'other'], () => {
        if (v >= 9) w.nullableString(null).int32(-1)
        asked()
      })
    }
    if (v >= 7) w.boolean(true)
    w.tags()
  }),
  10: (w, v) => {
    if (v <= 3) w.string('g')
    if (v >= 1) w.int8(0)
    if (v >= 4) w.array(['g', 'h'], (_, key) => w.string(key))
    w.tags()
  },
  11: [join('g', null), join('h', 'static')],
  12: (w, v) => {
    w.string('g').int32(1).string('member')
    if (v >= 3) w.nullableString(null)
    w.tags()
  },
  13: (w, v) => {
    w.string('g')
    if (v < 3) w.string('member')
    else {
      each(w, ['member'], () => {
        w.nullableString('static')
        if (v >= 5) w.nullableString('because')
      })
    }
    w.tags()
  },
  14: (w, v) => {
    w.string('g').int32(1).string('member')
    if (v >= 3) w.nullableString(null)
    if (v >= 5) w.nullableString('consumer').nullableString('range')
    each(w, ['member'], () => w.bytes(Buffer.alloc(10))).tags()
  },
  15: (w, v) => {
    w.array(['g', 'h', 'none'], (_, id) => w.string(id))
    if (v >= 3) w.boolean(true)
    w.tags()
  },
  16: (w, v) => {
    if (v >= 4) w.array(['Stable', 'Empty'], (_, state) => w.string(state))
    w.tags()
  },
  17: (w) => void w.string('PLAIN'),
  18: (w, v) => {
    if (v >= 3) w.string('fuzz').string('1').tags()
  },
  19: [false, true].map((assigned) => (w) => {
    each(w, ['made', 'more'], () => {
      w.int32(assigned ? -1 : 2).int16(assigned ? -1 : 1)
      w.array(assigned ? [0, 1] : [], (_, id) =>
        w
          .int32(id)
          .array([1], (_, node) => w.int32(node))
          .tags(),
      )
      w.array(['retention.ms', 'cleanup.policy', 'segment.bytes'], (_, config) =>
        w
          .string(config)
          .nullableString(config === 'cleanup.policy' ? 'compact' : '1048576')
          .tags(),
      )
    })
    w.int32(1000).boolean(false).tags()
  }),
  20: (w, v) => {
    const id = Buffer.alloc(16, 1)
    if (v < 6) w.array(['made', 'more'], (_, name) => w.string(name))
    else w.array(['made', null], (_, name) => w.nullableString(name).raw(id).tags())
    w.int32(1000).tags()
  },
  21: (w) =>
    void parts(w, () => w.int64(1))
      .int32(1000)
      .tags(),
  22: ['tx', null].map((id) => (w, v) => {
    w.nullableString(id).int32(60_000)
    if (v >= 3) w.int64(-1).int16(-1)
    w.tags()
  }),
  23: (w, v) => {
    if (v >= 3) w.int32(-1)
    parts(w, () => w.int32(-1).int32(0)).tags()
  },
  24: (w) => {
    producer(w)
    ids(w).tags()
  },
  25: (w) => void producer(w).string('g').tags(),
  26: [true, false].map((isCommit) => (w) => void producer(w).boolean(isCommit).tags()),
  28: (w, v) => {
    w.string('tx').string('g').int64(0).int16(0)
    if (v >= 3) w.int32(-1).string('').nullableString(null)
    parts(w, () => {
      w.int64(3)
      if (v >= 2) w.int32(-1)
      w.nullableString('note')
    }).tags()
  },
  32: [null, ['retention.ms']].map((keys) => (w, v) => {
    w.array([[2, 't'] as const, [4, '1'] as const], (_, [type, name]) =>
      w
        .int8(type)
        .string(name)
        .array(keys, (_, key) => w.string(key))
        .tags(),
    )
    w.boolean(true)
    if (v >= 3) w.boolean(true)
    w.tags()
  }),
  33: (w) => {
    w.array(['t'], (_, name) => {
      w.int8(2).string(name)
      each(w, ['retention.ms'], () => w.nullableString('100000000')).tags()
    })
    w.boolean(false).tags()
  },
  36: ['\0ann\0correct horse', '\0ann\0wrong'].map((token) => (w) => void w.bytes(Buffer.from(token)).tags()),
  37: (w) => {
    each(w, ['made'], () => w.int32(3).array(null, () => {}))
    w.int32(1000).boolean(false).tags()
  },
  42: (w) => void w.array(['g', 'h'], (_, id) => w.string(id)).tags(),
  44: [0, 1, 2, 3].map((operation) => (w) => {
    w.array(['t'], (_, name) => {
      w.int8(2).string(name)
      const key = operation < 2 ? 'retention.ms' : 'leader.replication.throttled.replicas'
      each(w, [key], () => w.int8(operation).nullableString(operation === 1 ? null : '700000000')).tags()
    })
    w.boolean(false).tags()
  }),
  47: (w) => {
    w.string('g')
    ids(w)
  },
  60: (w, v) => {
    w.boolean(true)
    if (v >= 1) w.int8(1)
    w.tags()
  },
}

interface ProducedBatches {
  readonly records: Buffer
  readonly transactionalId?: string
  readonly topic?: string
}

async function recordBatches(): Promise<ProducedBatches[]> {
  const values = ['one', 'two', 'a longer one '.repeat(20)]
  const plain = batchOf({ values })
  const compressed = await Promise.all(
    (['gzip', 'snappy', 'lz4', 'zstd'] as CodecName[]).map(async (codec) => ({
      records: batchOf({
        values,
        attributes: codecIds[codec],
        payload: await compress(codec, plain.subarray(batchHeaderBytes), null),
      }),
    })),
  )
  const idempotent = { producerId: 4000, producerEpoch: 0, baseSequence: 0 }
  return [
    { records: plain },
    { records: Buffer.concat([plain, batchOf(), batchOf({ values: ['x'] })]) },
    ...compressed,
    { records: batchOf({ values, ...idempotent }) },
    { records: batchOf({ ...idempotent, producerId: 0, attributes: 0x10 }), transactionalId: 'tx' },
    { records: batchOf({ attributes: 0x20 }) },
    { records: batchOf({ magic: 1 }) },
    { records: batchOf({ count: 0x7fffffff }) },
    { records: plain, topic: 'compacted' },
    { records: compressed[0]!.records, topic: 'compacted' },
  ]
}
