// Bundles TypeScript that is not part of the product, as a release is bundled, and runs the first entry.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './ensure.mjs'

/** Ends with the exit code of what ran. `entries`: names of the made files to sources. */
export async function runBundled(entries, { args = [], nodeOptions = [], env = {} } = {}) {
  const { build } = await import('esbuild')
  const folder = mkdtempSync(join(tmpdir(), 'tsconnect-bundled-'))
  try {
    await build({
      absWorkingDir: root,
      entryPoints: entries,
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
    const main = join(folder, `${Object.keys(entries)[0]}.mjs`)
    const { status } = spawnSync(process.execPath, [...nodeOptions, main, ...args], {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, TZ: 'UTC', ...env },
    })
    process.exitCode = status ?? 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
