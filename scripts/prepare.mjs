// npm runs this after an install in a checkout, so that the commands in bin/ work at once.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './ensure.mjs'

// An install without development dependencies brings no bundler, and a published package needs none.
if (existsSync(join(root, 'src')) && existsSync(join(root, 'node_modules/esbuild'))) {
  const { bundle } = await import('./bundle.mjs')
  await bundle()
}
