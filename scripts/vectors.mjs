// npm run vectors -- FILE.jsonl...: compares this program with recorded answers of Kafka Connect.
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ensureBuilt, root } from './ensure.mjs'

process.env.TZ = 'UTC'
// npm changes to the project's folder; paths are meant from where the user stands.
const from = process.env.npm_lifecycle_event === 'vectors' ? (process.env.INIT_CWD ?? '.') : '.'
const files = process.argv.slice(2).map((file) => resolve(from, file))
await ensureBuilt()
const { main } = await import(pathToFileURL(join(root, 'dist/vectors.js')).href)
process.exitCode = await main(files)
