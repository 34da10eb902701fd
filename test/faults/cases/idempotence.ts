import { setTimeout as delay } from 'node:timers/promises'
import type { CuttingProxy } from '../../kafka/cutting-proxy.ts'
import { until } from '../../support/until.ts'
import { type FaultCase, type Lab, problemsOf } from '../lab.ts'
import { Oracle } from '../numbered-records.ts'
import { NumberedSends } from '../numbered-sends.ts'
import { NumberedTransactions } from '../numbered-transactions.ts'
import { TopicAdmin } from '../topic-admin.ts'

const requestTimeoutMs = 1000
const partitions = 4
const perRound = 20_000

/** The client alone, behind a bad network and before a broker that dies: sends, and transactions. */
export const idempotence: FaultCase = {
  name: 'idempotence',
  numbers: '23',
  about: 'the producer meets cut connections, lost answers and a broker that dies',
  async run(lab, { rounds: asked }) {
    const rounds = asked ?? 3
    const count = rounds * perRound
    await lab.startBroker()
    const admin = await TopicAdmin.open(lab)
    await admin.create('sent', partitions)
    await admin.create('transactions', partitions)
    const proxy = await lab.startProxy()
    const settings = {
      'bootstrap.servers': proxy.address,
      'request.timeout.ms': String(requestTimeoutMs),
      'retry.backoff.ms': '20',
      // Many batches, several of a partition in flight.
      'batch.size': '4000',
      'buffer.memory': '500000',
    }
    const sends = new NumberedSends(lab, settings, { topic: 'sent', partitions, count })
    const transactions = new NumberedTransactions(lab, settings, { topic: 'transactions', partitions })
    const running = Promise.all([sends.run(), transactions.run()])
    // What fails them shows in the conditions below, and in the end here.
    running.catch(() => {})
    let recoveryMs = 0
    for (let round = 0; round < rounds; round++) {
      const goal = (round + 0.2 + 0.5 * lab.random()) * perRound
      await until(() => sends.failure ?? sends.acknowledged >= goal, { timeoutMs: 60_000, everyMs: 1 })
      // Of these, and not between two of them.
      await transactions.untilOpen()
      await faults[round % faults.length]!(lab, proxy)
      const healed = performance.now()
      const [sent, committed] = [sends.acknowledged, transactions.committed]
      const goesOn = () =>
        sends.acknowledged > Math.min(sent, count - 1) && transactions.committed > committed
      await until(() => sends.failure ?? transactions.failure ?? goesOn(), { timeoutMs: 60_000, everyMs: 1 })
      recoveryMs = Math.max(recoveryMs, performance.now() - healed)
    }
    transactions.end()
    await running
    const oracle = new Oracle(count)
    const found = new Map<string, number>()
    await lab.readTopic('sent', (text, partition, { offset }) => {
      oracle.take(text, partition)
      found.set(`${partition}@${offset}`, Number(text.slice(0, 10)))
    })
    const verdict = oracle.verdict()
    const problems = [...problemsOf(verdict, 0), ...sends.problems(found)]
    if (recoveryMs > 30_000) problems.push(`nothing was acknowledged for ${Math.round(recoveryMs)} ms`)
    problems.push(...(await transactions.problems()))
    const peakMb = process.resourceUsage().maxRSS / 1024
    const notes = `${sends.summary}; ${transactions.summary}; the memory is that of the bench`
    return { ...verdict, rounds, recoveryMs, peakMb, problems, notes }
  },
}

type Fault = (lab: Lab, proxy: CuttingProxy) => Promise<void>

const restart =
  (signal: NodeJS.Signals): Fault =>
  async (lab) => {
    await lab.broker.stop(signal)
    await lab.broker.start()
  }

const faults: readonly Fault[] = [
  async (lab, proxy) => {
    for (let cuts = 0; cuts < 20; cuts++) {
      proxy.cut()
      await delay(lab.random() * 50)
    }
  },
  restart('SIGKILL'),
  async (lab, proxy) => {
    proxy.mute(true)
    await delay(requestTimeoutMs * (1.2 + lab.random()))
    proxy.mute(false)
  },
  restart('SIGTERM'),
]
