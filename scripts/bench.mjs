// npm run bench:NAME: bundles benchmarks/NAME.ts, as a release is, and runs it. Further arguments go to Node (--cpu-prof).
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureInstalled, root } from './ensure.mjs'

const [name, ...nodeOptions] = process.argv.slice(2)
ensureInstalled()
const { build } = await import('esbuild')
const folder = mkdtempSync(join(tmpdir(), 'tsconnect-bench-'))
try {
  await build({
    absWorkingDir: root,
    entryPoints: [`benchmarks/${name}.ts`],
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    logLevel: 'warning',
    banner: {
      js: `import { createRequire as _cr } from 'node:module'; const require = _cr(import.meta.url);`,
    },
  })
  const { status } = spawnSync(process.execPath, [...nodeOptions, join(folder, `${name}.mjs`)], {
    stdio: 'inherit',
    env: { ...process.env, TZ: 'UTC' },
  })
  process.exitCode = status ?? 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
