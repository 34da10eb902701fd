import {
  encodeUtf8,
  javaText,
  type SinkRecord,
  type SinkTask,
  type TopicPartitionOffset,
} from '../../index.ts'
import { WriteError, type Output } from './output.ts'

export class FileSinkTask implements SinkTask {
  readonly #output: Output
  /** After a failed write: the offset of each partition behind its last record that got out. */
  #written: ReadonlyMap<string, number> | null = null

  constructor(output: Output) {
    this.#output = output
  }

  async put(records: readonly SinkRecord[]): Promise<void> {
    if (records.length === 0) return
    let text = ''
    for (const { value } of records) text += `${javaText(value.value, value.schema)}\n`
    const bytes = encodeUtf8(text)
    try {
      await this.#output.write(bytes)
    } catch (error) {
      if (error instanceof WriteError) await this.#keepWholeRecords(records, bytes, error.written)
      throw error
    }
  }

  async preCommit(offsets: readonly TopicPartitionOffset[]): Promise<readonly TopicPartitionOffset[]> {
    await this.#output.sync()
    const written = this.#written
    if (written === null) return offsets
    return offsets.map((asked) => ({
      ...asked,
      offset: written.get(`${asked.topic}-${asked.partition}`) ?? asked.offset,
    }))
  }

  async stop(): Promise<void> {
    await this.#output.close()
  }

  /** A record cut in half comes again as a whole after a restart: what there is of it goes. */
  async #keepWholeRecords(
    records: readonly SinkRecord[],
    bytes: Buffer,
    bytesWritten: number,
  ): Promise<void> {
    const written = new Map<string, number>()
    let end = 0
    let whole = 0
    for (const { value, originalTopic, originalPartition, offset } of records) {
      end += encodeUtf8(javaText(value.value, value.schema)).length + 1
      const partition = `${originalTopic}-${originalPartition}`
      if (end <= bytesWritten) {
        written.set(partition, offset + 1)
        whole = end
      } else if (!written.has(partition)) written.set(partition, offset)
    }
    this.#written = written
    await this.#output.retract(bytes.subarray(whole, bytesWritten))
  }
}
