// Bundles src/ into dist/: few files to read at start, and one copy of the SDK for the worker and its plugins.
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import { root } from './ensure.mjs'

const entries = {
  'index': 'src/index.ts',
  'standalone': 'src/cli/standalone.ts',
  'tsconnect': 'src/cli/main.ts',
  'broker-thread': 'src/broker/broker-thread.ts',
  'vectors': 'src/vectors/main.ts',
}

export async function bundle() {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const made = join(root, `dist-${process.pid}`)
  await build({
    absWorkingDir: root,
    entryPoints: entries,
    outdir: made,
    bundle: true,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    sourcemap: 'linked',
    legalComments: 'linked',
    logLevel: 'warning',
    define: { 'process.env.TSCONNECT_VERSION': JSON.stringify(version) },
    // Bundled CommonJS code (kafkajs, commander) asks for Node's modules with require.
    banner: {
      js: `import { createRequire as _cr } from 'node:module'; const require = _cr(import.meta.url);`,
    },
  })
  writeFileSync(join(made, '.built'), '')
  // Whoever runs from dist/ at this moment sees the old one or the new one, never half of it.
  rmSync(join(root, 'dist'), { recursive: true, force: true })
  renameSync(made, join(root, 'dist'))
}
