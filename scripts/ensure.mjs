// Makes what a command needs: the dependencies, then dist/. Both only when missing or out of date, so that
// every command of the README works in a fresh clone. Only Node built-ins may be imported at the top.
import { spawnSync } from 'node:child_process'
import { existsSync, lstatSync, readdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))
const at = (...parts) => join(root, ...parts)

export function ensureInstalled() {
  const installed = modified(at('node_modules/.package-lock.json'))
  if (installed >= modified(at('package-lock.json'))) return
  // npm would delete through a link, in somebody else's checkout.
  if (lstatSync(at('node_modules'), { throwIfNoEntry: false })?.isSymbolicLink()) return
  console.error('Installing dependencies (npm ci) ...')
  // npm's own script path, run by this Node: no shell, and the same npm that started us.
  const npm = process.env.npm_execpath
  const command = npm?.endsWith('js') ? [process.execPath, npm] : ['npm']
  run([...command, 'ci', '--no-audit', '--no-fund', '--loglevel=error'])
}

export async function ensureBuilt() {
  ensureInstalled()
  const built = modified(at('dist/.built'))
  if (built >= newest(at('src')) && built >= modified(at('scripts/bundle.mjs'))) return
  const { bundle } = await import('./bundle.mjs')
  await bundle()
}

/** Runs a command in the project's folder and ends this process when it fails. */
export function run([command, ...args], env = process.env) {
  const { status, error, signal } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env,
  })
  if (error) console.error(`${command} could not be started: ${error.message}`)
  if (status !== 0) {
    console.error(`${command} ${args.join(' ')} failed (${signal ?? `exit ${status}`}).`)
    process.exit(status || 1)
  }
}

function modified(path) {
  return existsSync(path) ? statSync(path).mtimeMs : 0
}

function newest(folder) {
  let latest = 0
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) latest = Math.max(latest, modified(join(entry.parentPath, entry.name)))
  }
  return latest
}
