// npm run faults [-- CASE...]: runs the fault bench against the built worker.
import { ensureBuilt } from './ensure.mjs'
import { runBundled } from './run-bundled.mjs'
import { kafkaLibs } from './services.mjs'

await ensureBuilt()
const args = process.argv.slice(2)
const libs = args.includes('embedded') ? null : kafkaLibs()
await runBundled(
  {
    'faults': 'test/faults/main.ts',
    'faults-broker': 'test/faults/broker-main.ts',
    'faults-clock': 'test/faults/shifted-clock.ts',
    'faults-disk': 'test/faults/failing-disk.ts',
    'faults-worker': 'test/faults/worker-main.ts',
  },
  { args, env: libs === null ? {} : { TSCONNECT_KAFKA_LIBS: libs } },
)
