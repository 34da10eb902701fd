// npm run faults:guards [-- NAME...]: whether a test or a case of the fault bench notices that a guard is gone.
import { ensureInstalled } from './ensure.mjs'
import { runBundled } from './run-bundled.mjs'

ensureInstalled()
await runBundled({ guards: 'test/faults/guards-main.ts' }, { args: process.argv.slice(2) })
