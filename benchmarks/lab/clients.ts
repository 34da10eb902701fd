import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { Kafka, logLevel } from 'kafkajs'

/** One topic of one partition that is filled with the lines of a file, and read. */
export interface Job {
  readonly bootstrap: string
  readonly topic: string
  readonly file: string
  readonly count: number
}

/** A client that others made. Both calls give milliseconds and throw when not all of the records came through. */
export interface Client {
  readonly name: string
  produce(job: Job): Promise<number>
  fetch(job: Job): Promise<number>
}

/** librdkafka with its defaults, as a process: its start is part of the time. */
export const kcat: Client = {
  name: 'kcat',
  produce: ({ bootstrap, topic, file }) => runKcat('-b', bootstrap, '-P', '-t', topic, '-l', file),
  fetch: ({ bootstrap, topic, count }) =>
    runKcat('-b', bootstrap, '-C', '-t', topic, '-o', 'beginning', '-c', String(count), '-q'),
}

function runKcat(...args: readonly string[]): Promise<number> {
  return timed(async () => {
    const child = spawn('kcat', args, { stdio: ['ignore', 'ignore', 'inherit'] })
    const [code] = (await once(child, 'exit')) as [number | null]
    if (code !== 0) throw new Error(`kcat ${args.join(' ')} ended with ${code}.`)
  })
}

/** kafkajs with 2,000 records, or 900 KB, a batch, one after the other; the time without that to connect. */
export const kafkajs: Client = {
  name: 'kafkajs',
  produce: (job) => inProcess('produce', job),
  fetch: (job) => inProcess('fetch', job),
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now()
  await work()
  return performance.now() - begun
}

const mark = '--kafkajs-load'

/** Whether this process is the one that kafkajs works in, so that the brokers and the bench do not wait for it. */
export const isKafkajsLoad = (): boolean => process.argv[2] === mark

async function inProcess(what: 'produce' | 'fetch', job: Job): Promise<number> {
  const args = [process.argv[1]!, mark, what, JSON.stringify(job)]
  return Number((await promisify(execFile)(process.execPath, args)).stdout)
}

export async function runKafkajsLoad(): Promise<void> {
  const job = JSON.parse(process.argv[4]!) as Job
  const kafka = new Kafka({ brokers: [job.bootstrap], logLevel: logLevel.ERROR })
  const ms = await (process.argv[3] === 'produce' ? produce(kafka, job) : fetch(kafka, job))
  process.stdout.write(String(ms))
}

async function produce(kafka: Kafka, { topic, file, count }: Job): Promise<number> {
  const values: Buffer[] = []
  for await (const line of createInterface(createReadStream(file))) values.push(Buffer.from(line))
  if (values.length !== count) throw new Error(`${file} has ${values.length} lines instead of ${count}.`)
  const producer = kafka.producer({ allowAutoTopicCreation: false })
  await producer.connect()
  const batch = Math.min(2000, Math.floor(900_000 / values[0]!.length))
  const ms = await timed(async () => {
    for (let from = 0; from < count; from += batch) {
      const messages = values.slice(from, from + batch).map((value) => ({ value }))
      await producer.send({ topic, messages })
    }
  })
  await producer.disconnect()
  return ms
}

async function fetch(kafka: Kafka, { topic, count }: Job): Promise<number> {
  const consumer = kafka.consumer({ groupId: `read-${topic}`, allowAutoTopicCreation: false })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  let begun = 0
  consumer.on('consumer.group_join', () => (begun = performance.now()))
  let seen = 0
  const ms = await new Promise<number>((resolve, reject) => {
    const eachBatch = ({ batch }: { batch: { messages: readonly unknown[] } }): Promise<void> => {
      seen += batch.messages.length
      if (seen >= count) resolve(performance.now() - begun)
      return Promise.resolve()
    }
    consumer.run({ eachBatch }).catch(reject)
  })
  await consumer.disconnect()
  return ms
}
