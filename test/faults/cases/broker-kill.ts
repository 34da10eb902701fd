import { mkdirSync } from 'node:fs'
import { until } from '../../support/until.ts'
import { openEmbeddedBroker } from '../brokers.ts'
import { type FaultCase, type Lab, problemsOf } from '../lab.ts'
import { Oracle, type Verdict } from '../numbered-records.ts'
import { NumberedSends } from '../numbered-sends.ts'
import { NumberedTransactions } from '../numbered-transactions.ts'
import { TopicAdmin } from '../topic-admin.ts'

const policies = ['always', 'interval', 'never'] as const
const partitions = 3
const perRound = 4000

/** The broker is killed while it is written to, under every flush policy; `rounds` kills each. */
export const brokerKill: FaultCase = {
  name: 'broker-kill',
  numbers: '6',
  about: 'kill -9 of the embedded broker: what was acknowledged is there',
  only: 'embedded',
  async run(lab, { rounds: asked }) {
    const rounds = asked ?? 3
    const total: Verdict = { lost: 0, duplicated: 0, reordered: 0, damaged: 0, torn: 0 }
    const problems: string[] = []
    let recoveryMs = 0
    for (const policy of policies) {
      const found = await killOften(lab, policy, rounds)
      for (const key of Object.keys(total) as (keyof Verdict)[]) total[key] += found.verdict[key]
      problems.push(...found.problems.map((problem) => `flush=${policy}: ${problem}`))
      recoveryMs = Math.max(recoveryMs, found.recoveryMs)
    }
    const peakMb = process.resourceUsage().maxRSS / 1024
    const notes = `${rounds} kills with each of ${policies.join(', ')}; the memory is that of the bench`
    return { ...total, rounds: rounds * policies.length, recoveryMs, peakMb, problems, notes }
  },
}

async function killOften(lab: Lab, policy: string, rounds: number) {
  const folder = lab.path(policy)
  mkdirSync(folder)
  const broker = await openEmbeddedBroker(folder, { TSCONNECT_BENCH_FLUSH: policy })
  lab.broker = broker
  lab.onClose(() => broker.stop('SIGKILL'))
  await broker.start()
  const admin = await TopicAdmin.open(lab)
  await admin.create('sent', partitions)
  await admin.create('transactions', partitions)
  const settings = {
    'bootstrap.servers': `127.0.0.1:${broker.port}`,
    'retry.backoff.ms': '20',
    'reconnect.backoff.max.ms': '50',
    'batch.size': '4000',
    'buffer.memory': '500000',
  }
  const count = rounds * perRound
  const sends = new NumberedSends(lab, settings, { topic: 'sent', partitions, count })
  const transactions = new NumberedTransactions(lab, settings, { topic: 'transactions', partitions })
  const running = Promise.all([sends.run(), transactions.run()])
  // What fails them shows in the conditions below, and in the end here.
  running.catch(() => {})
  let recoveryMs = 0
  for (let round = 0; round < rounds; round++) {
    const goal = (round + lab.random() * 0.9) * perRound
    await until(() => sends.failure ?? sends.acknowledged >= goal, { timeoutMs: 60_000, everyMs: 1 })
    await broker.stop('SIGKILL')
    await broker.start()
    const [ready, sent, committed] = [performance.now(), sends.acknowledged, transactions.committed]
    const goesOn = () => sends.acknowledged > Math.min(sent, count - 1) && transactions.committed > committed
    await until(() => sends.failure ?? transactions.failure ?? goesOn(), { timeoutMs: 60_000, everyMs: 1 })
    recoveryMs = Math.max(recoveryMs, performance.now() - ready)
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
  const problems = [...problemsOf(verdict, 0), ...sends.problems(found), ...(await transactions.problems())]
  await broker.stop('SIGTERM')
  return { verdict, problems, recoveryMs }
}
