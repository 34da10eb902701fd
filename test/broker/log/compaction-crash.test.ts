import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { seeded } from '../../faults/random.ts'
import { RecordingFs } from '../recording-fs.ts'

// First of all: the log keeps functions of node:fs.
const recording = new RecordingFs()
const { readBatchHeader } = await import('../../../src/protocol/record-batch.ts')
const { contents, fill, openLog } = await import('./compacted-log.ts')

type Found = Awaited<ReturnType<typeof contents>>

function folder(): string {
  const made = realpathSync(mkdtempSync(join(tmpdir(), 'broker-compaction-')))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

/** Two compactions that make one segment of many: the second one lets tombstones go and takes in what was new. */
async function live(directory: string) {
  recording.watch(directory)
  const { partition, clock } = openLog(directory, { segmentBytes: 20_000 })
  for (let i = 0; i < 12; i++) {
    await fill(partition, [
      [`k${i % 4}`, `v${i}`],
      [`gone${i % 2}`, i < 10 ? `v${i}` : null],
    ])
  }
  recording.disk.promise(partition.endOffset)
  const before = await contents(partition)
  const from = recording.disk.moments
  await partition.compact()
  expect(partition.segmentCount).toBe(2)
  clock.now += 2000
  await fill(partition, [['k0', 'newest']])
  recording.disk.promise(partition.endOffset)
  const all = new Map([...before, ...(await contents(partition))].map((record) => [record[0], record]))
  await partition.compact()
  expect(partition.segmentCount).toBe(2)
  const result = {
    from,
    to: recording.disk.moments,
    all,
    end: partition.endOffset,
    after: await contents(partition),
  }
  await partition.close()
  return result
}

/** What is wrong with a log that was brought back, or null. Records below `safe` were on the disk. */
function mistakeIn(found: Found, all: ReadonlyMap<number, Found[0]>, safe: number): string | null {
  const offsets = found.map(([offset]) => offset)
  if (offsets.some((offset, i) => i > 0 && offset <= offsets[i - 1]!)) return `offsets ${offsets.join()}`
  const altered = found.find((record) => JSON.stringify(record) !== JSON.stringify(all.get(record[0])))
  if (altered !== undefined) return `${altered.join()} was never written`
  const newest = new Map(
    [...all.values()].filter(([offset]) => offset < safe).map((record) => [record[1], record]),
  )
  for (const [key, [offset, , value]] of newest) {
    const own = found.filter((record) => record[1] === key)
    const isRight = own.length === 0 ? value === null : own.at(-1)![0] >= offset
    if (!isRight) return `${key} is ${own.at(-1)?.join() ?? 'gone'} instead of ${value} at ${offset}`
  }
  return null
}

/** Segments that hold offsets of one behind them, or half a batch. */
function overlapsIn(directory: string): string[] {
  const names = readdirSync(directory).filter((name) => name.endsWith('.log'))
  return names.filter((name, i) => {
    const bytes = readFileSync(join(directory, name))
    let next = 0
    for (let at = 0; at < bytes.length;) {
      const header = readBatchHeader(bytes, at)
      if (header === null) return true
      next = header.lastOffset + 1
      at = header.end
    }
    return i + 1 < names.length && next > Number.parseInt(names[i + 1]!, 10)
  })
}

test('a log is whole wherever a compaction was cut off, by a kill or by a power cut', async () => {
  const directory = folder()
  const { from, to, all, end, after } = await live(directory)
  expect(to - from).toBeGreaterThan(40)
  const mistakes: string[] = []
  const kept = () => 0.99
  for (let moment = from; moment <= to; moment++) {
    const cuts = Array.from({ length: 8 }, (_, i) => seeded(moment + i * 1e6))
    for (const random of [kept, ...cuts]) {
      const copy = folder()
      const safe = recording.disk.promisedAt(moment)
      for (const [path, bytes] of recording.disk.cutAt(moment, random)) {
        if (!path.startsWith(directory)) continue
        const target = join(copy, relative(directory, path))
        mkdirSync(dirname(target), { recursive: true })
        writeFileSync(target, bytes)
      }
      const { partition, clock, lines } = openLog(copy, { segmentBytes: 20_000 })
      clock.now += 2000
      const mistake = mistakeIn(await contents(partition), all, safe)
      const leftovers = readdirSync(copy).filter((name) => /\.(swap|cleaned)$/.test(name))
      leftovers.push(...overlapsIn(copy))
      const errors = lines.filter((line) => line.includes('ERROR'))
      if (mistake !== null) mistakes.push(`moment ${moment}: ${mistake}`)
      if (leftovers.length + errors.length > 0)
        mistakes.push(`moment ${moment}: ${[...leftovers, ...errors].join()}`)
      if (safe === end) {
        await partition.flush()
        await partition.compact()
        expect(await contents(partition)).toEqual(after)
      }
      await partition.close()
      rmSync(copy, { recursive: true, force: true })
    }
  }
  expect(mistakes).toEqual([])
}, 60_000)
