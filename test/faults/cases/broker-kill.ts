import { mkdirSync } from 'node:fs'
import { openEmbeddedBroker } from '../brokers.ts'
import type { FaultCase, Lab } from '../lab.ts'
import type { Verdict } from '../numbered-records.ts'
import { NumberedTraffic } from '../numbered-traffic.ts'

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
  const settings = {
    'bootstrap.servers': `127.0.0.1:${broker.port}`,
    'retry.backoff.ms': '20',
    'reconnect.backoff.max.ms': '50',
    'batch.size': '4000',
    'buffer.memory': '500000',
  }
  const traffic = await NumberedTraffic.start(lab, settings, { partitions, count: rounds * perRound })
  let recoveryMs = 0
  for (let round = 0; round < rounds; round++) {
    await traffic.reached((round + lab.random() * 0.9) * perRound)
    await broker.stop('SIGKILL')
    await broker.start()
    recoveryMs = Math.max(recoveryMs, await traffic.goneOnMs())
  }
  const { verdict, problems } = await traffic.judge()
  await broker.stop('SIGTERM')
  return { verdict, problems, recoveryMs }
}
