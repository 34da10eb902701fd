// A checkout that was never built has no dist/: says so instead of showing where a module was looked for.
import { existsSync } from 'node:fs'

export function explain(error) {
  if (existsSync(new URL('../dist/.built', import.meta.url))) throw error
  process.stderr.write('tsconnect is not built yet in this checkout. Run: npm run build\n')
  process.exitCode = 2
}
