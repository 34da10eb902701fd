// npm test (unit) and npm run test:integration: makes what is missing, runs the suite, ends with its count.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { ensureBuilt, root } from './ensure.mjs'

const [project, ...rest] = process.argv.slice(2)
await ensureBuilt()
const env = { ...process.env, TZ: 'UTC' }
let services = null
if (project === 'integration') {
  const { startServices } = await import('./services.mjs')
  services = await startServices()
  Object.assign(env, services.env)
}
const folder = mkdtempSync(join(tmpdir(), 'tsconnect-test-'))
const report = process.env.TSCONNECT_TEST_REPORT ?? join(folder, 'report.json')
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const args = [
  'run',
  '--project',
  project,
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
]
const { status, signal } = spawnSync(process.execPath, [vitest, ...args, ...rest], {
  cwd: root,
  env,
  stdio: 'inherit',
})
await services?.stop()
const { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites } = readReport()
rmSync(folder, { recursive: true, force: true })
if (numPendingTests > 0) console.log(`${numPendingTests} skipped`)
// A file that cannot be loaded fails without any test of it having failed.
const failed = numFailedTests + (numFailedTests === 0 && status !== 0 ? Math.max(1, numFailedTestSuites) : 0)
console.log(`${numPassedTests} passed, ${failed} failed`)
process.exit(signal ? 1 : (status ?? 1))

function readReport() {
  try {
    return JSON.parse(readFileSync(report, 'utf8'))
  } catch {
    return { numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numFailedTestSuites: 1 }
  }
}
