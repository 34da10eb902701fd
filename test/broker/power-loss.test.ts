import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { seeded } from '../faults/random.ts'
import { batchOf } from './batches.ts'
import { RecordingFs } from './recording-fs.ts'

// First of all: the broker keeps functions of node:fs.
const recording = new RecordingFs()
const { connectTo, openBroker } = await import('./open-broker.ts')
const { fetch, produce } = await import('./requests.ts')
const { kafkaClients } = await import('../../src/kafka/kafkajs-clients.ts')
const { silentLogger } = await import('../../src/util/logger.ts')

const count = 60

function folder(): string {
  const made = realpathSync(mkdtempSync(join(tmpdir(), 'broker-power-')))
  onTestFinished(() => rmSync(made, { recursive: true, force: true }))
  return made
}

/** One life of a broker: records, each promised when it is acknowledged, over several small segments. */
async function live(dataDir: string, flush: 'always' | 'never') {
  const disk = recording.disk
  const from = disk.moments
  recording.watch(dataDir)
  const broker = await openBroker({ dataDir, flush, segmentBytes: 1000 })
  const admin = kafkaClients().admin({ 'bootstrap.servers': `127.0.0.1:${broker.port}` }, silentLogger)
  await admin.createTopic({ name: 't', partitions: 1, replicationFactor: 1, configs: {} })
  await admin.close()
  const client = await connectTo(broker)
  for (let n = 0; n < count; n++) {
    const { error } = await produce(client, { topic: 't', records: batchOf({ values: [`record ${n}`] }) })
    expect(error).toBe(0)
    disk.promise(n)
  }
  return { from, to: disk.moments }
}

/** How many of the first records are there, in order, when a broker starts on what a power cut has left. */
async function found(dataDir: string, image: ReadonlyMap<string, Buffer>): Promise<number> {
  const copy = folder()
  for (const [path, bytes] of image) {
    if (!path.startsWith(dataDir)) continue
    const target = join(copy, relative(dataDir, path))
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, bytes)
  }
  const broker = await openBroker({ dataDir: copy, segmentBytes: 1000, autoCreateTopics: false })
  const client = await connectTo(broker)
  let next = 0
  for (let isWhole = true; isWhole;) {
    const [answer] = await fetch(client, { topic: 't', offset: next })
    if (answer!.error !== 0 || answer!.records.length === 0) break
    const texts = answer!.records.toString('latin1').match(/record \d+/g) ?? []
    for (const text of texts.filter((each) => Number(each.slice(7)) >= next)) {
      // Behind a hole nothing counts any more.
      isWhole &&= text === `record ${next}`
      if (isWhole) next++
    }
  }
  client.close()
  await broker.close()
  return next
}

/** Cuts the power at moments all over the run; says where something acknowledged was gone. */
async function losses(dataDir: string, { from, to }: { from: number; to: number }): Promise<string[]> {
  const lost: string[] = []
  const step = Math.max(1, Math.floor((to - from) / 120))
  for (let moment = from; moment <= to; moment += step) {
    const promised = moment === from ? -1 : recording.disk.promisedAt(moment)
    const there = await found(dataDir, recording.disk.cutAt(moment, seeded(moment)))
    if (there <= promised)
      lost.push(`moment ${moment} of ${to}: ${promised + 1} acknowledged, ${there} there`)
  }
  return lost
}

describe('a power cut at any moment', () => {
  test('loses nothing that was acknowledged with flush=always', async () => {
    const dataDir = folder()
    const moments = await live(dataDir, 'always')
    expect(moments.to - moments.from).toBeGreaterThan(count)
    expect(await losses(dataDir, moments)).toEqual([])
  }, 60_000)

  test('does lose something with flush=never: the cut is one', async () => {
    const dataDir = folder()
    const moments = await live(dataDir, 'never')
    expect(await losses(dataDir, moments)).not.toEqual([])
  }, 60_000)
})
