// npm run bench:NAME: runs benchmarks/NAME.ts, bundled. Further arguments go to Node (--cpu-prof).
import { ensureInstalled } from './ensure.mjs'
import { runBundled } from './run-bundled.mjs'

const [name, ...nodeOptions] = process.argv.slice(2)
ensureInstalled()
await runBundled({ [name]: `benchmarks/${name}.ts` }, { nodeOptions })
