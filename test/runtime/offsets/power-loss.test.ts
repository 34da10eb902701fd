import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { writeJavaOffsets } from '../../../src/runtime/offsets/java-offsets.ts'
import { OffsetJournal } from '../../../src/runtime/offsets/journal.ts'
import { seeded } from '../../faults/random.ts'
import { PowerLossDisk, type DiskOptions } from './power-loss.ts'
import { key, position, recordingLog, temporaryFolder } from './support.ts'

const compactAbove = 600
const keys = ['a', 'b', 'c']

/** One life of a worker: puts from `first` on, some of them flushed, compacting on its way. */
async function live(disk: PowerLossDisk, path: string, first: number, rounds: number): Promise<void> {
  const { log } = recordingLog()
  const journal = await OffsetJournal.open(path, { log, files: disk.files, compactAbove, sync: 'interval' })
  for (let at = first; at < first + rounds; at++) {
    journal.put(keys.map((name) => [key(name), position(at)]))
    if (at % 3 !== 0) continue
    const flushed = journal.flush()
    // Something is put while the sync is under way: it is not promised by it.
    if (at % 2 === 0) journal.put(keys.map((name) => [key(name), position(at)]))
    await flushed
    disk.promise(at)
  }
  await journal.close()
  disk.promise(first + rounds - 1)
}

/** What a worker finds after a power cut; null: it refuses to start. */
async function found(path: string, image: ReadonlyMap<string, Buffer>) {
  const disk = new PowerLossDisk(image)
  const { log } = recordingLog()
  let journal
  try {
    journal = await OffsetJournal.open(path, { log, files: disk.files })
  } catch (error) {
    return { positions: null, refusal: (error as Error).message, disk }
  }
  const positions = keys.map((name) => {
    const value = journal.get(key(name))
    return value == null ? -1 : (JSON.parse(value) as { position: number }).position
  })
  await journal.close()
  return { positions, refusal: '', disk }
}

/** Cuts the power at every moment from `from` on, several times each; says where something promised was gone. */
async function losses(disk: PowerLossDisk, path: string, seeds: number, from = 0): Promise<string[]> {
  const lost: string[] = []
  for (let moment = from; moment <= disk.moments; moment++) {
    const promised = disk.promisedAt(moment)
    for (let seed = 0; seed < seeds; seed++) {
      const { positions, refusal } = await found(path, disk.cutAt(moment, seeded(moment * 1000 + seed)))
      const isSafe = positions === null ? promised < 0 : positions.every((at) => at >= promised)
      if (!isSafe) {
        const what = positions === null ? refusal : positions.join(' ')
        lost.push(`moment ${moment} of ${disk.moments}, seed ${seed}: promised ${promised}, found ${what}`)
      }
    }
  }
  return lost
}

function paths() {
  const folder = temporaryFolder()
  return { folder, path: join(folder, 'o') }
}

async function afterLives(lives: number, options: DiskOptions = {}) {
  const { path } = paths()
  const disk = new PowerLossDisk(new Map(), options)
  for (let life = 0; life < lives; life++) await live(disk, path, life * 20, 20)
  return { disk, path }
}

describe('a power cut at any moment', () => {
  test('loses nothing whose flush had resolved, through compactions and restarts', async () => {
    const { disk, path } = await afterLives(3)
    expect(disk.moments).toBeGreaterThan(150)
    expect(await losses(disk, path, 6)).toEqual([])
  })

  test('loses nothing after a first power cut, whatever that had left', async () => {
    const { disk, path } = await afterLives(2)
    for (let moment = 20; moment <= disk.moments; moment += 9) {
      const image = disk.cutAt(moment, seeded(moment))
      const { positions, refusal } = await found(path, image)
      expect(refusal).toBe('')
      const second = new PowerLossDisk(image)
      const start = second.moments
      second.promise(Math.min(...positions!))
      await live(second, path, 1000, 8)
      const lost = await losses(second, path, 2, start)
      expect(lost).toEqual([])
      // What the second life did not touch is as safe as the first had left it.
      expect(Math.min(...positions!)).toBeGreaterThanOrEqual(disk.promisedAt(moment))
    }
  })

  test('loses nothing when the worker before was killed and its names were never synced', async () => {
    const { disk, path } = await afterLives(1)
    for (let moment = 1; moment <= disk.moments; moment++) {
      const second = disk.killedAt(moment)
      await live(second, path, 100, 7)
      expect(await losses(second, path, 2, moment), `killed at ${moment}`).toEqual([])
    }
  })

  test("keeps Kafka Connect's own file while it is imported", async () => {
    const { path } = paths()
    const original = writeJavaOffsets(keys.map((name) => [key(name), position(28)]))
    const disk = new PowerLossDisk(new Map([[path, original]]))
    disk.promise(28)
    const start = disk.moments
    await live(disk, path, 29, 4)
    expect(await losses(disk, path, 20, start)).toEqual([])
    for (let moment = start; moment <= disk.moments; moment++) {
      for (let seed = 0; seed < 20; seed++) {
        const image = disk.cutAt(moment, seeded(moment * 1000 + seed))
        const originals = [image.get(path), image.get(`${path}.java.bak`)]
        const isKept = originals.some((bytes) => bytes?.equals(original))
        expect(isKept, `moment ${moment}, seed ${seed}`).toBe(true)
      }
    }
  })

  test.each(['fdatasync', 'fsync'] as const)(
    'is noticed by these tests where %s does nothing',
    async (ignores) => {
      const { disk, path } = await afterLives(2, { ignores })
      expect((await losses(disk, path, 6)).length).toBeGreaterThan(20)
    },
  )
})
