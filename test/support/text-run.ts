import { type OffsetMap, TextRun } from '../../src/index.ts'

/** A run of these texts; where one goes on behind text i is `{ n: i + 1 }`. */
export function textRun(
  texts: readonly string[],
  { topic = 't', timestamp = null }: { topic?: string; timestamp?: number | null } = {},
): TextRun {
  const bytes = Buffer.from(texts.join('\n'))
  const ends = new Uint32Array(texts.length)
  const starts = new Uint32Array(texts.length)
  let at = 0
  for (const [i, text] of texts.entries()) {
    starts[i] = at
    ends[i] = at += Buffer.byteLength(text)
    at++
  }
  const sourceOffset = (i: number): OffsetMap => ({ n: i + 1 })
  const sourcePartition = { p: 1 }
  return new TextRun({
    topic,
    timestamp,
    sourcePartition,
    sourceOffset,
    texts: { bytes, starts, ends, length: texts.length },
  })
}
