import fs from 'node:fs'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { batchOf, offsetsIn } from '../batches.ts'
import { connectTo, openBroker, temporaryFolder } from '../open-broker.ts'
import { createTopic, fetch, produce } from '../requests.ts'

const disk = vi.hoisted(() => ({ bytesLeft: Infinity }))

vi.mock('node:fs', async (importOriginal) => {
  const original = await importOriginal<typeof fs>()
  const writeSync = (
    fd: number,
    bytes: Buffer,
    offset = 0,
    length = bytes.length,
    position: number | null = null,
  ) => {
    const written = Math.min(length, disk.bytesLeft)
    if (written === 0 && length > 0)
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
    disk.bytesLeft -= written
    return original.writeSync(fd, bytes, offset, written, position)
  }
  return { ...original, default: original, writeSync }
})

afterEach(() => {
  disk.bytesLeft = Infinity
})

describe('a full disk', () => {
  test('is answered with 56, keeps what was acknowledged and takes more when there is space again', async () => {
    const dataDir = temporaryFolder()
    const broker = await openBroker({ dataDir })
    const client = await connectTo(broker)
    await createTopic(client, { topic: 't' })
    const records = () => batchOf({ values: ['x'.repeat(1000)] })
    expect(await produce(client, { topic: 't', records: records() })).toMatchObject({ error: 0 })
    for (const bytesLeft of [0, 1, 60, 500, 1000]) {
      disk.bytesLeft = bytesLeft
      expect(await produce(client, { topic: 't', records: records() })).toMatchObject({
        error: 56,
        baseOffset: -1,
      })
      const [folder] = fs.readdirSync(join(dataDir, 'topics'))
      const file = join(dataDir, 'topics', folder!, '0', '00000000000000000000.log')
      expect(statSync(file).size).toBe(records().length)
    }
    disk.bytesLeft = Infinity
    expect(await produce(client, { topic: 't', records: records() })).toMatchObject({
      error: 0,
      baseOffset: 1,
    })
    const [answer] = await fetch(client, { topic: 't' })
    expect(offsetsIn(answer!.records)).toEqual([
      [0, 0],
      [1, 1],
    ])
  })

  test('refuses a commit with 15, which clients try again, and keeps the journal whole', async () => {
    const dataDir = temporaryFolder()
    const broker = await openBroker({ dataDir })
    const client = await connectTo(broker)
    await createTopic(client, { topic: 't' })
    const commit = async (offset: number) => {
      const reader = await client.call({
        key: 8,
        version: 3,
        write: (w) => {
          w.string('g').int32(-1).string('').int64(-1)
          w.array(['t'], (_, name) =>
            w.string(name).array([0], (_, id) => w.int32(id).int64(offset).nullableString(null)),
          )
        },
      })
      reader.int32()
      return reader.array(() => [reader.string(), reader.array(() => [reader.int32(), reader.int16()])])
    }
    expect(await commit(5)).toEqual([['t', [[0, 0]]]])
    disk.bytesLeft = 20
    expect(await commit(6)).toEqual([['t', [[0, 15]]]])
    disk.bytesLeft = Infinity
    expect(await commit(7)).toEqual([['t', [[0, 0]]]])
    await broker.close()
    const again = await connectTo(await openBroker({ dataDir }))
    const reader = await again.call({ key: 9, version: 2, write: (w) => w.string('g').array(null, () => {}) })
    expect(
      reader.array(() => [
        reader.string(),
        reader.array(() => [reader.int32(), reader.int64(), reader.nullableString(), reader.int16()]),
      ]),
    ).toEqual([['t', [[0, 7, null, 0]]]])
  })
})
