import { Broker, type BrokerOptions } from '../../../src/broker/broker.ts'
import { createLogger, LogOutput } from '../../../src/util/logger.ts'

/** What the process tells and is asked. */
export type FromBroker =
  | { type: 'ready'; port: number }
  | { type: 'error'; line: string }
  | { type: 'usage'; rssBytes: number; peakRssBytes: number; largestBufferBytes: number; heapBytes: number }
  | { type: 'closed' }
export type ToBroker = { type: 'usage' } | { type: 'close' }

const send = (message: FromBroker) => process.send!(message)

/** The largest buffer that was asked for at once. */
let largestBufferBytes = 0
for (const name of ['alloc', 'allocUnsafe', 'allocUnsafeSlow'] as const) {
  const real = Buffer[name].bind(Buffer) as (size: number, ...rest: unknown[]) => Buffer
  Buffer[name] = ((size: number, ...rest: unknown[]) => {
    if (size > largestBufferBytes) largestBufferBytes = size
    return real(size, ...rest)
  }) as typeof Buffer.alloc
}

const output = new LogOutput((line) => {
  if (/ (ERROR|FATAL) /.test(line)) send({ type: 'error', line })
})
const options = JSON.parse(process.argv[2]!) as Omit<BrokerOptions, 'log'>
const broker = await Broker.open({ ...options, log: createLogger(output, 'broker') })
process.on('message', (message: ToBroker) => {
  if (message.type === 'usage') {
    const { rss, heapUsed } = process.memoryUsage()
    const peakRssBytes = process.resourceUsage().maxRSS * 1024
    send({ type: 'usage', rssBytes: rss, peakRssBytes, largestBufferBytes, heapBytes: heapUsed })
    return
  }
  void broker.close().then(() => {
    send({ type: 'closed' })
    process.disconnect()
  })
})
send({ type: 'ready', port: broker.port })
