// npm run faults [-- CASE...]: bundles the fault bench and runs it against the built worker.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ensureBuilt, root } from './ensure.mjs'
import { kafkaLibs } from './services.mjs'

await ensureBuilt()
const { build } = await import('esbuild')
const folder = mkdtempSync(join(tmpdir(), 'tsconnect-fault-bench-'))
const libs = process.argv.includes('embedded') ? null : kafkaLibs()
try {
  await build({
    absWorkingDir: root,
    entryPoints: {
      'faults': 'test/faults/main.ts',
      'faults-broker': 'test/faults/broker-main.ts',
      'faults-disk': 'test/faults/failing-disk.ts',
      'faults-worker': 'test/faults/worker-main.ts',
    },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    logLevel: 'warning',
    external: ['vitest'],
    banner: {
      js: `import { createRequire as _cr } from 'node:module'; const require = _cr(import.meta.url);`,
    },
  })
  const { status } = spawnSync(process.execPath, [join(folder, 'faults.mjs'), ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, TZ: 'UTC', ...(libs === null ? {} : { TSCONNECT_KAFKA_LIBS: libs }) },
  })
  process.exitCode = status ?? 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
