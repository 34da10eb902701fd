/* eslint-disable no-console -- What a benchmark finds is what it prints. */
/**
 * `npm run bench:broker`: the broker of this project beside Apache Kafka. The same clients, files and disk, one broker
 * after the other in every round. `--write` puts the result into docs/benchmarks.md.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { Admin } from '../src/kafka/client.ts'
import { kafkaClients } from '../src/kafka/kafkajs-clients.ts'
import { silentLogger } from '../src/util/logger.ts'
import type { BrokerProcess } from '../test/support/server-process.ts'
import { apacheKafka, tsconnectBroker } from './lab/brokers.ts'
import { type Client, isKafkajsLoad, type Job, kafkajs, kcat, runKafkajsLoad } from './lab/clients.ts'
import { writeLines } from './lab/input.ts'
import { cpuSeconds, memoryMb } from '../test/support/process-stats.ts'
import { fixed, machine, spreadText, table, thousands, writeSection } from './lab/report.ts'
import { Samples } from './lab/statistics.ts'

interface Load {
  readonly client: Client
  readonly recordBytes: number
  readonly count: number
}

const loads: readonly Load[] = [
  { client: kcat, recordBytes: 100, count: 2_000_000 },
  { client: kcat, recordBytes: 1000, count: 400_000 },
  { client: kafkajs, recordBytes: 100, count: 300_000 },
  { client: kafkajs, recordBytes: 1000, count: 150_000 },
]

type Direction = 'produce' | 'fetch'
interface Measured {
  readonly perSecond: number
  /** Processor seconds of the broker per million records. */
  readonly cpu: number
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { rounds: { type: 'string', default: '5' }, write: { type: 'boolean', default: false } },
  })
  const folder = mkdtempSync(join(tmpdir(), 'tsconnect-bench-'))
  const ours = await tsconnectBroker(join(folder, 'tsconnect'))
  const kafka = await apacheKafka(join(folder, 'kafka'))
  const brokers = [ours, kafka]
  try {
    const report = await compare(brokers, folder, Number(values.rounds))
    console.log(`\n${report}`)
    if (values.write) writeSection('bench:broker', report)
  } finally {
    for (const broker of brokers) await broker.stop('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}

async function compare(brokers: readonly BrokerProcess[], folder: string, rounds: number): Promise<string> {
  const starts = new Samples()
  for (let round = 0; round <= rounds; round++) {
    const bareAt = performance.now()
    spawnSync(process.execPath, ['-e', '0'])
    if (round > 0) starts.add('node', performance.now() - bareAt)
    for (const broker of brokers) {
      await broker.stop('SIGTERM')
      const begun = performance.now()
      await broker.start()
      // The first start makes the data folder.
      if (round > 0) starts.add(broker.name, performance.now() - begun)
    }
  }
  await delay(5000)
  const idle = brokers.map(({ pid }) => memoryMb(pid, 'resident').toFixed(0))
  const rates = new Samples()
  const cpu = new Samples()
  for (const load of loads) {
    const file = await writeLines(folder, load.recordBytes, load.count)
    for (let round = 0; round <= rounds; round++) {
      for (const broker of round % 2 === 0 ? brokers : brokers.toReversed()) {
        for (const direction of ['produce', 'fetch'] as const) {
          const job = jobOf(load, broker, file, round)
          const found = await measure(direction, load, broker, job)
          const key = keyOf(load, direction, broker)
          console.log(`${round} ${key}: ${thousands(found.perSecond)}, ${found.cpu.toFixed(2)} s/M`)
          // The first round is for the compilers of both.
          if (round === 0) continue
          rates.add(key, found.perSecond)
          cpu.add(key, found.cpu)
        }
        await withAdmin(broker, (admin) => admin.deleteTopic(jobOf(load, broker, file, round).topic))
      }
    }
    rmSync(file)
  }
  const peak = brokers.map(({ pid }) => memoryMb(pid, 'peak').toFixed(0))
  return reportOf(brokers, rounds, { starts, rates, cpu, idle, peak })
}

const jobOf = (load: Load, broker: BrokerProcess, file: string, round: number): Job => ({
  bootstrap: `127.0.0.1:${broker.port}`,
  topic: `${load.client.name}-${load.recordBytes}-${round}`,
  file,
  count: load.count,
})

async function measure(
  direction: Direction,
  { client, count }: Load,
  broker: BrokerProcess,
  job: Job,
): Promise<Measured> {
  if (direction === 'produce') {
    await withAdmin(broker, (admin) =>
      admin.createTopic({ name: job.topic, partitions: 1, replicationFactor: 1, configs: {} }),
    )
  }
  const before = cpuSeconds(broker.pid)
  const ms = await client[direction](job)
  return { perSecond: (count / ms) * 1000, cpu: ((cpuSeconds(broker.pid) - before) / count) * 1e6 }
}

async function withAdmin({ port }: BrokerProcess, work: (admin: Admin) => Promise<unknown>): Promise<void> {
  const admin = kafkaClients().admin({ 'bootstrap.servers': `127.0.0.1:${port}` }, silentLogger)
  try {
    await work(admin)
  } finally {
    await admin.close()
  }
}

interface Found {
  readonly starts: Samples
  readonly rates: Samples
  readonly cpu: Samples
  readonly idle: readonly string[]
  readonly peak: readonly string[]
}

function reportOf(brokers: readonly BrokerProcess[], rounds: number, found: Found): string {
  const { starts, rates, cpu, idle, peak } = found
  const [ours, kafka] = brokers.map(({ name }) => name)
  const rows = loads.flatMap((load) =>
    (['produce', 'fetch'] as const).map((direction) => {
      const [mine, theirs] = brokers.map((broker) => keyOf(load, direction, broker))
      const [rate, other] = [rates.of(mine!), rates.of(theirs!)]
      return [
        `${load.client.name}, ${direction}, ${load.recordBytes} B`,
        spreadText(rate, thousands),
        spreadText(other, thousands),
        (rate.median / other.median).toFixed(2),
        `${cpu.of(mine!).median.toFixed(2)} / ${cpu.of(theirs!).median.toFixed(2)}`,
      ]
    }),
  )
  const start = brokers.map(({ name }) => `${spreadText(starts.of(name), fixed(0))} ms`)
  return [
    `${new Date().toISOString().slice(0, 10)}, ${machine()}; ${rounds} rounds after one that does not count, min / median / max.`,
    table(['', `${ours}`, `${kafka}`, 'ratio of medians', 'broker CPU s per million records'], rows),
    table(
      ['', ours!, kafka!],
      [
        [
          `process start until it serves (Node alone: ${spreadText(starts.of('node'), fixed(0))} ms)`,
          ...start,
        ],
        ['memory 5 s after the start (RSS, MB)', ...idle],
        ['peak memory after all of the above (RSS, MB)', ...peak],
      ],
    ),
  ].join('\n\n')
}

const keyOf = ({ client, recordBytes }: Load, direction: Direction, { name }: BrokerProcess): string =>
  `${client.name} ${direction} ${recordBytes} B ${name}`

if (isKafkajsLoad()) await runKafkajsLoad()
else await main()
