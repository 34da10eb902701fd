// npm run bench[:NAME]: runs benchmarks/NAME.ts (all.ts), bundled, with the further arguments. NODE_OPTIONS are Node's own.
import { ensureBuilt } from './ensure.mjs'
import { runBundled } from './run-bundled.mjs'
import { ensureKcat, kafkaLibs, shippers } from './services.mjs'

/** What a benchmark runs beside ours. */
const peers = { all: ['kafka', 'kcat', 'shippers'], broker: ['kafka', 'kcat'], guard: ['kcat'] }

const [name, ...args] = process.argv.slice(2)
await ensureBuilt()
const needed = peers[name] ?? []
const libs = needed.includes('kafka') ? kafkaLibs() : null
if ((needed.includes('kafka') && libs === null) || (needed.includes('kcat') && !ensureKcat())) {
  // The gate goes on without, as the integration tests do; who asks for figures has to know that there are none.
  process.exit(name === 'guard' ? 0 : 2)
}
const shipping = needed.includes('shippers') ? shippers() : null
await runBundled(
  { [name]: `benchmarks/${name}.ts` },
  {
    args,
    env: {
      ...(libs !== null && { TSCONNECT_KAFKA_LIBS: libs }),
      ...(shipping !== null && { TSCONNECT_SHIPPERS: shipping }),
    },
  },
)
