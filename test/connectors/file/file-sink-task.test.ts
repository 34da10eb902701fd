import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { FileSinkTask } from '../../../src/connectors/file/file-sink-task.ts'
import { openFile, type Output, WriteError } from '../../../src/connectors/file/output.ts'
import { Schema, SchemaBuilder, SinkRecord, Struct, type SchemaAndValue } from '../../../src/index.ts'
import { tempFolder } from '../../support/temp-folder.ts'

let offset = 0
const context = { requestCommit: () => {} }
const record = (value: unknown, schema: Schema | null = null, partition = 0) =>
  new SinkRecord({
    topic: 't',
    partition,
    offset: offset++,
    value: { schema, value } satisfies SchemaAndValue,
  })

/** Takes so many bytes, then fails as a full disk does. */
function fullAfter(limit: number): Output & { taken: Buffer } {
  return {
    taken: Buffer.alloc(0),
    async write(bytes) {
      const room = Math.max(0, limit - this.taken.length)
      this.taken = Buffer.concat([this.taken, bytes.subarray(0, room)])
      if (bytes.length > room) throw new WriteError('full', room, null)
    },
    async retract(bytes) {
      expect(this.taken.subarray(this.taken.length - bytes.length)).toEqual(bytes)
      this.taken = this.taken.subarray(0, this.taken.length - bytes.length)
    },
    sync: async () => {},
    close: async () => {},
  }
}

describe('FileStreamSink', () => {
  test("appends Java's text of every value, one a line", async () => {
    const file = join(tempFolder(), 'out.txt')
    writeFileSync(file, 'before\n')
    const task = new FileSinkTask(await openFile(file), context)
    const schema = SchemaBuilder.struct().field('a', Schema.INT32).field('b', Schema.OPTIONAL_STRING).build()
    await task.put([
      record('text'),
      record(null),
      record({ a: 1, b: [1.5, true] }),
      record(10, Schema.FLOAT64),
    ])
    await task.put([])
    await task.put([record(new Struct(schema).put('a', 7), schema), record('half \ud83d pair')])
    await task.stop()
    expect(readFileSync(file, 'utf8')).toBe(
      'before\ntext\nnull\n{a=1, b=[1.5, true]}\n10.0\nStruct{a=7}\nhalf ? pair\n',
    )
  })

  test('does not append to half a line that a killed worker left', async () => {
    const file = join(tempFolder(), 'out.txt')
    writeFileSync(file, 'whole\nhal')
    const task = new FileSinkTask(await openFile(file), context)
    await task.put([])
    expect(readFileSync(file, 'utf8')).toBe('whole\nhal')
    await task.put([record('next')])
    await task.put([record('last')])
    await task.stop()
    expect(readFileSync(file, 'utf8')).toBe('whole\nhal\nnext\nlast\n')
  })

  test('lets nothing be committed that is not on the disk', async () => {
    const output = fullAfter(Infinity)
    const task = new FileSinkTask(output, context)
    await task.put([record('one')])
    const offsets = [{ topic: 't', partition: 0, offset: 1 }]
    let isSynced = false
    output.sync = async () => {
      await nextTurn()
      isSynced = true
    }
    await task.preCommit(offsets)
    expect(isSynced).toBe(true)
    output.sync = () => Promise.reject(new Error('broken disk'))
    await expect(task.preCommit(offsets)).rejects.toThrow('broken disk')
  })

  test('says which file could not be made', async () => {
    const file = join(tempFolder(), 'missing', 'out.txt')
    await expect(openFile(file)).rejects.toThrow(
      `Couldn't find or create file '${file}' for FileStreamSinkTask`,
    )
  })

  test('after a failed write commits only whole records and leaves no half one behind', async () => {
    offset = 0
    const output = fullAfter(8)
    let isCommitRequested = false
    const task = new FileSinkTask(output, { requestCommit: () => (isCommitRequested = true) })
    const records = [
      record('one', null, 0),
      record('two', null, 1),
      record('three', null, 0),
      record('four', null, 1),
    ]
    await Promise.all([task.put(records), task.put([record('five', null, 2)])])
    expect(
      await task.preCommit([
        { topic: 't', partition: 0, offset: 0 },
        { topic: 't', partition: 1, offset: 0 },
        { topic: 't', partition: 2, offset: 5 },
        { topic: 'u', partition: 0, offset: 5 },
      ]),
    ).toEqual([
      { topic: 't', partition: 0, offset: 1 },
      { topic: 't', partition: 1, offset: 2 },
      { topic: 't', partition: 2, offset: 4 },
      { topic: 'u', partition: 0, offset: 5 },
    ])
    expect(output.taken.toString()).toBe('one\ntwo\n')
    expect(isCommitRequested).toBe(true)
    for (const more of [[], [record('six')]]) await expect(task.put(more)).rejects.toThrow('full')
    await task.stop()
    expect(output.taken.toString()).toBe('one\ntwo\n')
  })

  test('after a failure that says nothing of what was written commits none of it', async () => {
    offset = 0
    const output = { ...fullAfter(0), write: () => Promise.reject(new Error('gone')) }
    const task = new FileSinkTask(output, context)
    await task.put([record('one')])
    const offsets = [{ topic: 't', partition: 0, offset: 1 }]
    expect(await task.preCommit(offsets)).toEqual([{ topic: 't', partition: 0, offset: 0 }])
    await expect(task.put([])).rejects.toThrow('gone')
    await task.stop()
  })

  test('says at its stop what no put has said', async () => {
    const task = new FileSinkTask(
      { ...fullAfter(0), write: () => Promise.reject(new Error('gone')) },
      context,
    )
    await task.put([record('one')])
    await task.preCommit([])
    await expect(task.stop()).rejects.toThrow('gone')
  })

  test('gathers what is put while it writes, and waits when that is too much', async () => {
    const writes: string[] = []
    const ends: (() => void)[] = []
    const output: Output = {
      ...fullAfter(Infinity),
      write: (bytes) =>
        new Promise((resolve) => {
          writes.push(bytes.toString())
          ends.push(resolve)
        }),
    }
    const task = new FileSinkTask(output, context)
    for (const text of ['a', 'ü', 'c']) await task.put([record(text)])
    expect(writes).toEqual(['a\n'])
    ends[0]!()
    await nextTurn()
    expect(writes).toEqual(['a\n', 'ü\nc\n'])
    let isTaken = false
    const large = task.put([record('x'.repeat(2 ** 20))]).then(() => (isTaken = true))
    await nextTurn()
    expect(isTaken).toBe(false)
    ends[1]!()
    await nextTurn()
    ends[2]!()
    await large
    expect(writes[2]).toHaveLength(2 ** 20 + 1)
    await task.stop()
  })

  test('keeps the order and the bytes of any lines, however many', async () => {
    const file = join(tempFolder(), 'out.txt')
    const task = new FileSinkTask(await openFile(file), context)
    const texts = Array.from({ length: 5000 }, (_, i) => `${i} ${'日本🚀é'.repeat(i % 50)}`)
    for (let from = 0; from < texts.length; from += 1250) {
      await task.put(texts.slice(from, from + 1250).map((text, i) => record(text, null, i % 3)))
    }
    await task.stop()
    expect(readFileSync(file, 'utf8')).toBe(texts.map((text) => `${text}\n`).join(''))
  })

  test('takes back the end of a file only where it is its own', async () => {
    const file = join(tempFolder(), 'out.txt')
    const output = await openFile(file)
    await output.write(Buffer.from('whole\nhal'))
    await output.retract(Buffer.from('hal'))
    expect(readFileSync(file, 'utf8')).toBe('whole\n')
    await output.write(Buffer.from('hal'))
    appendFileSync(file, 'other\n')
    await output.retract(Buffer.from('hal'))
    expect(readFileSync(file, 'utf8')).toBe('whole\nhalother\n')
    await output.close()
  })
})
