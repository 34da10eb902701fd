// npm run vectors -- FILE.jsonl...: compares this program with recorded answers of Kafka Connect.
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ensureBuilt, root } from './ensure.mjs'

process.env.TZ = 'UTC'
await ensureBuilt()
const { main } = await import(pathToFileURL(join(root, 'dist/vectors.js')).href)
process.exitCode = await main(process.argv.slice(2))
