// npm run build: dependencies, bundle, type declarations.
import { ensureInstalled, run } from './ensure.mjs'

ensureInstalled()
const { bundle } = await import('./bundle.mjs')
await bundle()
run([process.execPath, 'node_modules/typescript/bin/tsc', '-p', 'tsconfig.types.json'])
console.error('Built dist/.')
