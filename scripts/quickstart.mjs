// npm run quickstart: makes what is missing, then shows records moving.
import { ensureBuilt, run } from './ensure.mjs'

await ensureBuilt()
run([process.execPath, 'bin/tsconnect.js', 'quickstart'])
