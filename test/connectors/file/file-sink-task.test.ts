import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { FileSinkTask } from '../../../src/connectors/file/file-sink-task.ts'
import { openFile, type Output, WriteError } from '../../../src/connectors/file/output.ts'
import { Schema, SchemaBuilder, SinkRecord, Struct, type SchemaAndValue } from '../../../src/index.ts'
import { tempFolder } from '../../support/temp-folder.ts'

let offset = 0
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
    const task = new FileSinkTask(await openFile(file))
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
    const task = new FileSinkTask(await openFile(file))
    await task.put([])
    expect(readFileSync(file, 'utf8')).toBe('whole\nhal')
    await task.put([record('next')])
    await task.put([record('last')])
    await task.stop()
    expect(readFileSync(file, 'utf8')).toBe('whole\nhal\nnext\nlast\n')
  })

  test('lets nothing be committed that is not on the disk', async () => {
    const output = fullAfter(Infinity)
    const task = new FileSinkTask(output)
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
    const task = new FileSinkTask(output)
    const records = [
      record('one', null, 0),
      record('two', null, 1),
      record('three', null, 0),
      record('four', null, 1),
    ]
    await expect(task.put(records)).rejects.toThrow('full')
    expect(output.taken.toString()).toBe('one\ntwo\n')
    expect(
      await task.preCommit([
        { topic: 't', partition: 0, offset: 0 },
        { topic: 't', partition: 1, offset: 0 },
        { topic: 'u', partition: 0, offset: 5 },
      ]),
    ).toEqual([
      { topic: 't', partition: 0, offset: 1 },
      { topic: 't', partition: 1, offset: 2 },
      { topic: 'u', partition: 0, offset: 5 },
    ])
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
