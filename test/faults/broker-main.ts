/** `node faults-broker.mjs PORT DIR`: the embedded broker in a process of its own. */
import { Broker } from '../../src/broker/broker.ts'
import type { FlushPolicy } from '../../src/broker/log/flusher.ts'
import { createLogger, LogOutput } from '../../src/util/logger.ts'

const [port, dataDir] = process.argv.slice(2)
const flush = (process.env['TSCONNECT_BENCH_FLUSH'] ?? 'interval') as FlushPolicy
const log = createLogger(new LogOutput(), 'broker')
const broker = await Broker.open({ host: '127.0.0.1', port: Number(port), dataDir: dataDir!, flush, log })
process.on('SIGTERM', () => void broker.close().then(() => process.exit(0)))
console.log('ready')
