import { setTimeout as delay } from 'node:timers/promises'
import type { CuttingProxy } from '../../kafka/cutting-proxy.ts'
import type { FaultCase, Lab } from '../lab.ts'
import { NumberedTraffic } from '../numbered-traffic.ts'

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
    await lab.startBroker()
    const proxy = await lab.startProxy()
    const settings = {
      'bootstrap.servers': proxy.address,
      'request.timeout.ms': String(requestTimeoutMs),
      'retry.backoff.ms': '20',
      // Many batches, several of a partition in flight.
      'batch.size': '4000',
      'buffer.memory': '500000',
    }
    const traffic = await NumberedTraffic.start(lab, settings, { partitions, count: rounds * perRound })
    let recoveryMs = 0
    for (let round = 0; round < rounds; round++) {
      await traffic.reached((round + 0.2 + 0.5 * lab.random()) * perRound)
      // Of these, and not between two of them.
      await traffic.transactions.untilOpen()
      await faults[round % faults.length]!(lab, proxy)
      recoveryMs = Math.max(recoveryMs, await traffic.goneOnMs())
    }
    const { verdict, problems } = await traffic.judge()
    if (recoveryMs > 30_000) problems.push(`nothing was acknowledged for ${Math.round(recoveryMs)} ms`)
    const peakMb = process.resourceUsage().maxRSS / 1024
    const notes = `${traffic.summary}; the memory is that of the bench`
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
