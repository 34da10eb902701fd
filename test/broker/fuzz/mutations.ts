import { crc32c } from '../../../src/protocol/crc32c.ts'
import type { Field } from './field-writer.ts'
import type { Template } from './requests.ts'

/** A whole number below the bound. */
export type Random = (below: number) => number

/** Made from a template; its fields are known until something before them was moved. */
interface Draft {
  frame: Buffer
  fields: readonly Field[]
}

type Mutation = (draft: Draft, random: Random, others: readonly Template[]) => void

const edges = {
  int8: [-128, -1, 0, 1, 2, 127],
  int16: [-32768, -1, 0, 1, 9, 32767],
  int32: [-2147483648, -2, -1, 0, 1, 3, 10_000, 65_536, 0x7ffffffe, 0x7fffffff],
}
const edges64 = [
  -(2n ** 63n),
  -3n,
  -2n,
  -1n,
  0n,
  1n,
  2n ** 31n,
  2n ** 53n - 1n,
  2n ** 53n + 1n,
  2n ** 63n - 1n,
]
const edgeBytes = [0, 1, 0x7f, 0x80, 0xfe, 0xff]
/** Overlong forms of zero, and numbers of 32, 35 and more bits. */
const oddVarints = [
  '8000',
  '8080808000',
  'ffffffff07',
  'ffffffff0f',
  'ffffffff7f',
  '808080808000',
  'ffffffffffffffffff01',
]

const pick = <T>(values: readonly T[], random: Random): T => values[random(values.length)]!

function pickField(draft: Draft, kinds: readonly Field['kind'][], random: Random): Field | null {
  // The header's own fields come first: they change in the header mutation.
  const fields = draft.fields.filter((field) => kinds.includes(field.kind) && field.at >= 12)
  return fields.length === 0 ? null : pick(fields, random)
}

/** Puts other bytes in the place of some; the fields behind are where they were no more. */
function put(draft: Draft, at: number, end: number, bytes: Buffer): void {
  const { frame } = draft
  if (bytes.length === end - at) bytes.copy(frame, at)
  else {
    draft.frame = Buffer.concat([frame.subarray(0, at), bytes, frame.subarray(end)])
    draft.fields = draft.fields.filter((field) => field.end <= at)
  }
  fixLength(draft)
}

function fixLength({ frame }: Draft): void {
  if (frame.length >= 4) frame.writeInt32BE(frame.length - 4, 0)
}

function uvarint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80)
  return Buffer.from([...bytes, rest])
}

function isCompact({ frame }: Draft, { at, end, elements }: Field): boolean {
  // A length of four bytes begins with zeros; a compact one that is zero is null.
  return elements.length > 0 ? elements[0]! - at !== 4 : end - at < 4 || frame[at] !== 0
}

function randomBytes(length: number, random: Random): Buffer {
  return Buffer.from(Array.from({ length }, () => random(256)))
}

export const mutations: Readonly<Record<string, Mutation>> = {
  bits({ frame }, random) {
    for (let left = 1 + random(3); left > 0; left--) frame[12 + random(frame.length - 12)]! ^= 1 << random(8)
  },
  bytes({ frame }, random) {
    for (let left = 1 + random(4); left > 0; left--)
      frame[12 + random(frame.length - 12)] = random(2) === 0 ? random(256) : pick(edgeBytes, random)
  },
  number(draft, random) {
    const field = pickField(draft, ['int8', 'int16', 'int32', 'int64'], random)
    if (field === null) return
    const { frame } = draft
    if (field.kind === 'int8') frame.writeInt8(pick(edges.int8, random), field.at)
    else if (field.kind === 'int16') frame.writeInt16BE(pick(edges.int16, random), field.at)
    else if (field.kind === 'int32') frame.writeInt32BE(pick(edges.int32, random), field.at)
    else frame.writeBigInt64BE(pick(edges64, random), field.at)
  },
  varint(draft, random) {
    const field = pickField(draft, ['uvarint'], random)
    if (field !== null) put(draft, field.at, field.end, Buffer.from(pick(oddVarints, random), 'hex'))
  },
  /** A count that is not that of the elements. */
  count(draft, random) {
    const field = pickField(draft, ['array'], random)
    if (field === null) return
    if (isCompact(draft, field))
      put(
        draft,
        field.at,
        field.elements[0] ?? field.end,
        uvarint(pick([0, 2, 100, 65_536, 2 ** 31, 2 ** 35 - 1], random)),
      )
    else draft.frame.writeInt32BE(pick(edges.int32, random), field.at)
  },
  /** The same elements again and again, counted rightly. */
  repeat(draft, random) {
    const field = pickField(draft, ['array'], random)
    const first = field?.elements[0]
    if (field === null || first === undefined) return
    const elements = draft.frame.subarray(first, field.end)
    const times = 1 + random(random(20) === 0 ? Math.floor(400_000 / elements.length) : 20)
    const total = times * field.elements.length
    const count = isCompact(draft, field) ? uvarint(total + 1) : int32(total)
    put(draft, field.at, field.end, Buffer.concat([count, ...Array<Buffer>(times).fill(elements)]))
  },
  /** A long text or long bytes, with the right length. */
  inflate(draft, random) {
    const field = pickField(draft, ['text'], random)
    if (field === null) return
    const length = pick([0, 1, 250, 4097, 32_767, 33_000, 70_000], random)
    const compact = isCompact(draft, field)
    const fill = random(3)
    const body =
      fill === 0
        ? Buffer.alloc(length, 'x')
        : fill === 1
          ? Buffer.alloc(length, 0xff)
          : randomBytes(length, random)
    const size = compact ? uvarint(length + 1) : random(2) === 0 ? int32(length) : int32(length).subarray(2)
    put(draft, field.at, field.end, Buffer.concat([size, body]))
  },
  /** Tagged fields that nobody knows, in the place of none. */
  tags(draft, random) {
    const { frame } = draft
    const none = draft.fields.filter(
      ({ kind, at, end }) => kind === 'uvarint' && end - at === 1 && frame[at] === 0,
    )
    if (none.length === 0) return
    const { at, end } = pick(none, random)
    const count = pick([1, 3, 200, 20_000], random)
    const tag = Buffer.from([random(128), 2, random(256), random(256)])
    const said = random(4) === 0 ? 2 ** 31 : count
    put(draft, at, end, Buffer.concat([uvarint(said), ...Array<Buffer>(count).fill(tag)]))
  },
  header({ frame }, random) {
    if (random(2) === 0) frame.writeInt16BE(random(3) === 0 ? random(70) : pick(edges.int16, random), 4)
    else frame.writeInt16BE(random(3) === 0 ? pick(edges.int16, random) : random(14), 6)
  },
  client(draft, random) {
    const length = pick([0, 20, 20_000, 32_767], random)
    draft.frame.writeInt16BE(length, 12)
    put(draft, 14, 18, Buffer.alloc(length, random(2) === 0 ? 0xff : 'c'))
  },
  truncate(draft, random) {
    draft.frame = draft.frame.subarray(0, Math.max(8, random(draft.frame.length)))
    draft.fields = []
    fixLength(draft)
  },
  extend(draft, random) {
    draft.frame = Buffer.concat([draft.frame, randomBytes(1 + random(200), random)])
    fixLength(draft)
  },
  splice(draft, random, others) {
    const tail = pick(others, random).frame
    draft.frame = Buffer.concat([
      draft.frame.subarray(0, 12 + random(draft.frame.length - 12)),
      tail.subarray(12 + random(tail.length - 12)),
    ])
    draft.fields = []
    fixLength(draft)
  },
  /** Record batches that are not what they say although their checksum is right. */
  records(draft, random) {
    const { frame } = draft
    const fields = draft.fields.filter(({ kind, end, at }) => kind === 'text' && end - at > 61)
    if (frame.readInt16BE(4) !== 0 || fields.length === 0) return
    const { at, end } = pick(fields, random)
    const start = [at + 1, at + 2, at + 4].find(
      (from) => frame[from + 16] === 2 && frame.readInt32BE(from + 8) > 48,
    )
    if (start === undefined) return
    const stop = Math.min(end, start + 12 + frame.readInt32BE(start + 8))
    if (random(2) === 0) frame.writeInt32BE(pick(edges.int32, random), start + pick([23, 53, 57], random))
    else if (random(2) === 0) frame.writeBigInt64BE(pick(edges64, random), start + pick([27, 35, 43], random))
    else
      for (let left = 1 + random(4); left > 0; left--)
        frame[start + 21 + random(stop - start - 21)] = random(256)
    // What a producer says of the last offset and what it says of the count have to agree.
    if (random(2) === 0) frame.writeInt32BE(Math.max(0, frame.readInt32BE(start + 57) - 1), start + 23)
    frame.writeUInt32BE(crc32c(frame, start + 21, stop), start + 17)
  },
  /** The length of the frame is a lie. */
  length(draft, random) {
    const { frame } = draft
    const right = frame.length - 4
    frame.writeInt32BE(
      pick([-1, 0, 1, 7, right - 1, right + 1, right + 100, 0x7fffffff, -2147483648], random),
      0,
    )
    draft.fields = []
  },
}

const all = Object.keys(mutations)
/** After these most requests are still such that they have to be answered. */
const gentle = ['number', 'repeat', 'inflate', 'tags', 'client', 'records']

/** A request from a template with some mutations, and the names of these. */
export function mutated(
  template: Template,
  random: Random,
  { others, isLast }: { others: readonly Template[]; isLast: boolean },
): { frame: Buffer; names: string[] } {
  const draft: Draft = { frame: Buffer.from(template.frame), fields: template.fields }
  const used: string[] = []
  for (let left = isLast ? pick([0, 1, 1, 1, 2, 3], random) : random(3); left > 0; left--) {
    const name = pick(isLast ? all : gentle, random)
    // A frame of another length swallows those behind it.
    if (draft.frame.length < 20 || (name === 'length' && random(4) > 0)) continue
    mutations[name]!(draft, random, others)
    used.push(name)
  }
  return { frame: draft.frame, names: used }
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
