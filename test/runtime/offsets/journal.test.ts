import * as fs from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { decodeJournal } from '../../../src/runtime/offsets/journal-format.ts'
import type { FileLayer } from '../../../src/runtime/offsets/journal-file.ts'
import { until } from '../../support/until.ts'
import { key, openJournal, position, recordingLog, temporaryFolder } from './support.ts'

const failure = (code: string) => Object.assign(new Error(`${code}: simulated`), { code })

describe('OffsetJournal', () => {
  test('gives back after a restart what was put', async () => {
    const path = join(temporaryFolder(), 'connect.offsets')
    const first = await openJournal(path)
    first.put([
      [key('a'), position(1)],
      [key('b'), position(1)],
    ])
    first.put([
      [key('a'), position(2)],
      [key('gone'), null],
    ])
    await first.close()

    const { log, lines } = recordingLog()
    const second = await openJournal(path, { log })
    expect([second.get(key('a')), second.get(key('gone')), second.get(key('never'))]).toEqual([
      position(2),
      null,
      undefined,
    ])
    expect([...second.entries()]).toHaveLength(3)
    expect(lines).toEqual([])
  })

  test('has every change in the file as soon as put returns', async () => {
    const path = join(temporaryFolder(), 'o')
    const journal = await openJournal(path)
    journal.put([[key('a'), position(7)]])
    expect(decodeJournal(fs.readFileSync(path)).lines.at(-1)?.set).toEqual([[key('a'), position(7)]])
  })

  test('keeps texts beyond ASCII, quotes and line ends as they are', async () => {
    const path = join(temporaryFolder(), 'o')
    const odd = '["\u6e90\u{1f600}",{"k":"a\\n\\"{\\"crc\\":\\""}]'
    const first = await openJournal(path)
    first.put([[odd, '{"p":9007199254740993,"d":1.0E10}']])
    await first.close()
    expect((await openJournal(path)).get(odd)).toBe('{"p":9007199254740993,"d":1.0E10}')
  })

  test('syncs once for all changes that come in during a sync', async () => {
    let syncs = 0
    const fdatasync = ((fd: number, done: (error: Error | null) => void) => {
      syncs++
      fs.fdatasync(fd, done)
    }) as FileLayer['fdatasync']
    const journal = await openJournal(join(temporaryFolder(), 'o'), { files: { ...fs, fdatasync } })
    syncs = 0
    for (let at = 0; at < 1000; at++) journal.put([[key('a'), position(at)]])
    await journal.flush()
    expect(syncs).toBe(2)
    await journal.flush()
    expect(syncs).toBe(2)
  })

  test('syncs only in flush when told to sync by interval', async () => {
    let syncs = 0
    const fdatasync = ((fd: number, done: (error: Error | null) => void) => {
      syncs++
      fs.fdatasync(fd, done)
    }) as FileLayer['fdatasync']
    const options = { files: { ...fs, fdatasync }, sync: 'interval' } as const
    const journal = await openJournal(join(temporaryFolder(), 'o'), options)
    syncs = 0
    journal.put([[key('a'), position(1)]])
    expect(syncs).toBe(0)
    await journal.flush()
    expect(syncs).toBe(1)
  })

  test('says clearly what is wrong with the place of the file', async () => {
    const folder = temporaryFolder()
    await expect(openJournal(join(folder, 'nope', 'o'))).rejects.toThrow(
      `its folder ${join(folder, 'nope')} does not exist`,
    )
    await expect(openJournal(folder)).rejects.toMatchObject({
      name: 'ConfigError',
      key: 'offset.storage.file.filename',
    })
    fs.writeFileSync(join(folder, 'file'), '')
    await expect(openJournal(join(folder, 'file', 'o'))).rejects.toThrow('is not a folder')
    const openSync = (() => {
      throw failure('EROFS')
    }) as FileLayer['openSync']
    await expect(openJournal(join(folder, 'o'), { files: { ...fs, openSync } })).rejects.toThrow('read-only')
  })

  test('follows a symbolic link and leaves it one', async () => {
    const folder = temporaryFolder()
    fs.writeFileSync(join(folder, 'real'), '')
    fs.symlinkSync('real', join(folder, 'link'))
    const journal = await openJournal(join(folder, 'link'), { compactAbove: 100 })
    for (let at = 0; at < 50; at++) journal.put([[key('a'), position(at)]])
    await journal.close()
    expect(fs.lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true)
    expect((await openJournal(join(folder, 'real'))).get(key('a'))).toBe(position(49))
  })
})

describe('a full disk', () => {
  /** Lets writes of a given file layer fail, after writing a part, as long as `isFull` says so. */
  function fillingDisk() {
    const disk = { isFull: false, files: fs as FileLayer }
    const writeSync = ((fd: number, bytes: Buffer, offset: number, length: number, at: number) => {
      if (!disk.isFull) return fs.writeSync(fd, bytes, offset, length, at)
      if (length > 10) return fs.writeSync(fd, bytes, offset, 10, at)
      throw failure('ENOSPC')
    }) as FileLayer['writeSync']
    disk.files = { ...fs, writeSync }
    return disk
  }

  test('keeps the changes, rejects the flush and writes them when there is room again', async () => {
    const path = join(temporaryFolder(), 'o')
    const disk = fillingDisk()
    const { log, lines } = recordingLog()
    const journal = await openJournal(path, { files: disk.files, log })
    journal.put([[key('a'), position(1)]])
    await journal.flush()

    disk.isFull = true
    journal.put([[key('a'), position(2)]])
    journal.put([[key('b'), position(3)]])
    await expect(journal.flush()).rejects.toThrow('ENOSPC')
    await expect(journal.flush()).rejects.toThrow(`Offsets could not be saved to ${path}`)
    expect(journal.get(key('a'))).toBe(position(2))
    const meanwhile = decodeJournal(fs.readFileSync(path))
    expect(meanwhile).toMatchObject({ isTorn: false, damage: [] })
    expect(lines.filter((line) => line.includes('ERROR'))).toHaveLength(1)

    disk.isFull = false
    await journal.flush()
    expect(lines.at(-1)).toContain('can be written again')
    const after = decodeJournal(fs.readFileSync(path))
    expect(after).toMatchObject({ isTorn: false, damage: [] })
    expect(after.lines.at(-1)?.set).toEqual([
      [key('a'), position(2)],
      [key('b'), position(3)],
    ])
  })

  test('is not said to have room because a sync ends that was under way before', async () => {
    const disk = fillingDisk()
    const { log, lines } = recordingLog()
    let held: (() => void) | null = null
    let isHolding = false
    const fdatasync = ((fd: number, done: (error: Error | null) => void) => {
      fs.fdatasync(fd, (error) => {
        if (isHolding) held = () => done(error)
        else done(error)
      })
    }) as FileLayer['fdatasync']
    const journal = await openJournal(join(temporaryFolder(), 'o'), {
      files: { ...disk.files, fdatasync },
      log,
    })
    isHolding = true
    journal.put([[key('a'), position(1)]])
    disk.isFull = true
    journal.put([[key('a'), position(2)]])
    const endSync = await until(() => held)
    isHolding = false
    endSync()
    await expect(journal.flush()).rejects.toThrow('ENOSPC')
    expect(lines.join('')).not.toContain('can be written again')

    disk.isFull = false
    await journal.flush()
    expect(lines.at(-1)).toContain('can be written again; all offsets are saved')
  })

  test('does not need to cut a part off to go on after it', async () => {
    const path = join(temporaryFolder(), 'o')
    const disk = fillingDisk()
    const ftruncateSync = (() => {
      throw failure('EIO')
    }) as FileLayer['ftruncateSync']
    const journal = await openJournal(path, { files: { ...disk.files, ftruncateSync } })
    disk.isFull = true
    journal.put([[key('long name that leaves a rest behind'), position(2)]])
    disk.isFull = false
    journal.put([[key('b'), position(3)]])
    await journal.close()
    const again = await openJournal(path)
    expect([...again.entries()]).toEqual([
      [key('long name that leaves a rest behind'), position(2)],
      [key('b'), position(3)],
    ])
  })

  test('leaves the journal as it is when compaction finds no room', async () => {
    const path = join(temporaryFolder(), 'o')
    const { log, lines } = recordingLog()
    let isFull = false
    const openSync = ((name: string, ...rest: []) => {
      if (isFull && name.endsWith('.new')) throw failure('ENOSPC')
      return fs.openSync(name, ...(rest as unknown as ['r']))
    }) as FileLayer['openSync']
    const journal = await openJournal(path, { files: { ...fs, openSync }, log, compactAbove: 500 })
    isFull = true
    for (let at = 0; at < 100; at++) journal.put([[key('a'), position(at)]])
    await journal.flush()
    expect(lines.join('')).toContain('could not be compacted')
    await journal.close()
    expect((await openJournal(path)).get(key('a'))).toBe(position(99))
  })

  test('writes everything anew when a sync failed, because nobody knows what it left', async () => {
    const path = join(temporaryFolder(), 'o')
    let isBroken = false
    const fdatasync = ((fd: number, done: (error: Error | null) => void) => {
      if (isBroken) done(failure('EIO'))
      else fs.fdatasync(fd, done)
    }) as FileLayer['fdatasync']
    const journal = await openJournal(path, { files: { ...fs, fdatasync } })
    const before = fs.statSync(path).ino
    isBroken = true
    journal.put([[key('a'), position(1)]])
    await expect(journal.flush()).rejects.toThrow('EIO')
    isBroken = false
    await journal.flush()
    expect(fs.statSync(path).ino).not.toBe(before)
    await journal.close()
    expect((await openJournal(path)).get(key('a'))).toBe(position(1))
  })
})

describe('a folder whose names cannot be made durable', () => {
  /** Compacts with a folder whose sync fails with `code`, and says how the flush ended. */
  async function flushing(code: string) {
    const path = join(temporaryFolder(), 'o')
    const disk = { isBroken: false, folderSyncs: 0 }
    const fsync = ((fd: number, done: (error: Error | null) => void) => {
      disk.folderSyncs++
      if (disk.isBroken) done(failure(code))
      else fs.fsync(fd, done)
    }) as FileLayer['fsync']
    const journal = await openJournal(path, { files: { ...fs, fsync }, compactAbove: 500, sync: 'interval' })
    disk.isBroken = true
    for (let at = 0; at < 20; at++) journal.put([[key('a'), position(at)]])
    return { journal, disk, path }
  }

  test('lets no flush resolve before the replaced journal has its name for good', async () => {
    const { journal, disk, path } = await flushing('EIO')
    await expect(journal.flush()).rejects.toThrow('EIO')
    await expect(journal.flush()).rejects.toThrow('EIO')
    disk.isBroken = false
    const before = disk.folderSyncs
    await journal.flush()
    expect(disk.folderSyncs).toBe(before + 1)
    await journal.close()
    expect((await openJournal(path)).get(key('a'))).toBe(position(19))
  })

  test('is taken as it is where the file system knows no such thing', async () => {
    const { journal } = await flushing('EINVAL')
    await journal.flush()
  })
})

describe('compaction', () => {
  test('keeps the newest of every key, deletions too, in a new generation beside the previous one', async () => {
    const path = join(temporaryFolder(), 'o')
    const journal = await openJournal(path, { compactAbove: 2000 })
    journal.put([[key('gone'), null]])
    for (let at = 0; at < 500; at++) {
      journal.put([[key(`f${at % 3}`), position(at)]])
      if (at % 50 === 0) await journal.flush()
    }
    await journal.close()
    expect(fs.statSync(path).size).toBeLessThan(8000)
    const { header } = decodeJournal(fs.readFileSync(path))
    const previous = decodeJournal(fs.readFileSync(`${path}.1`))
    expect(header!.generation).toBe(previous.header!.generation + 1)
    expect(header!.worker).toBe(previous.header!.worker)
    expect(fs.readdirSync(join(path, '..')).sort()).toEqual(['o', 'o.1'])
    const again = await openJournal(path)
    expect(Object.fromEntries(again.entries())).toEqual({
      [key('gone')]: null,
      [key('f0')]: position(498),
      [key('f1')]: position(499),
      [key('f2')]: position(497),
    })
  })

  test('loses nothing that is put while it runs', async () => {
    const path = join(temporaryFolder(), 'o')
    const journal = await openJournal(path, { compactAbove: 1000 })
    const rounds = 200
    for (let at = 0; at < rounds; at++) {
      for (let file = 0; file < 20; file++) journal.put([[key(`f${file}`), position(at)]])
      // Every file state on the way must hold all of it: a kill may come at any moment.
      if (at % 10 === 0) expect(newest(path)).toEqual(Object.fromEntries(journal.entries()))
      await new Promise(setImmediate)
    }
    expect(decodeJournal(fs.readFileSync(path)).header!.generation).toBeGreaterThan(2)
    await journal.close()
    expect(newest(path)).toEqual(Object.fromEntries(journal.entries()))
  })

  test('works where a file can have one name only', async () => {
    const path = join(temporaryFolder(), 'o')
    const linkSync = (() => {
      throw failure('EPERM')
    }) as FileLayer['linkSync']
    const journal = await openJournal(path, { compactAbove: 1000, files: { ...fs, linkSync } })
    for (let at = 0; at < 300; at++) journal.put([[key('a'), position(at)]])
    await journal.close()
    expect(fs.existsSync(`${path}.1`)).toBe(true)
    expect((await openJournal(path)).get(key('a'))).toBe(position(299))
  })

  test('keeps the mode of the file', async () => {
    const path = join(temporaryFolder(), 'o')
    const journal = await openJournal(path, { compactAbove: 1000 })
    fs.chmodSync(path, 0o600)
    for (let at = 0; at < 300; at++) journal.put([[key('a'), position(at)]])
    await journal.close()
    expect(fs.statSync(path).mode & 0o777).toBe(0o600)
  })

  function newest(path: string): Record<string, string | null> {
    const { lines, damage, isTorn } = decodeJournal(fs.readFileSync(path))
    expect({ damage, isTorn }).toEqual({ damage: [], isTorn: false })
    return Object.fromEntries(lines.flatMap(({ set }) => set.map(([k, v]) => [k, v])))
  }
})
