/** `npm run faults:guards [-- NAME...]`: takes one guard after the other out of a copy and looks who notices. */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { type Guard, guards, nameOf, type Proof, withoutGuard } from './guards.ts'
import { build, prove } from './proof.ts'

const names = process.argv.slice(2)
const unknown = names.filter((name) => !guards.some((guard) => guard.name === name))
if (unknown.length > 0) {
  const known = guards.map(({ name, keeps }) => `\n  ${name.padEnd(30)} ${keeps}`).join('')
  console.error(`Unknown guard ${unknown.join(', ')}.\nGuards:${known}`)
  process.exit(2)
}

const root = process.cwd()
const copy = mkdtempSync(join(tmpdir(), 'tsconnect-guards-'))
/** Those that were seen to pass with all guards in place. */
const sound = new Set<string>()
const counts = { PASS: 0, FAIL: 0 }
try {
  cpSync(root, copy, { recursive: true, filter: (path) => !isLeftOut(path) })
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'dir')
  for (const guard of guards.filter(({ name }) => names.length === 0 || names.includes(name))) {
    const begun = performance.now()
    const { verdict, detail } = await judge(guard)
    counts[verdict]++
    const seconds = ((performance.now() - begun) / 1000).toFixed(1)
    console.log(`${verdict} ${guard.name.padEnd(30)} ${seconds.padStart(5)} s  ${detail}`)
  }
} finally {
  rmSync(copy, { recursive: true, force: true })
}
console.log(`${counts.PASS} passed, ${counts.FAIL} failed`)
process.exit(counts.FAIL === 0 ? 0 : 1)

async function judge(guard: Guard): Promise<{ verdict: 'PASS' | 'FAIL'; detail: string }> {
  const path = join(copy, guard.file)
  const text = readFileSync(path, 'utf8')
  try {
    const without = withoutGuard(guard, text)
    for (const proof of guard.proofs) {
      const before = await failureWithGuards(proof)
      if (before !== null) return { verdict: 'FAIL', detail: `fails with the guard in place: ${before}` }
    }
    writeFileSync(path, without)
    await build(copy)
    const failures: string[] = []
    for (const proof of guard.proofs) {
      const failure = await prove(copy, proof)
      if (failure === null)
        return { verdict: 'FAIL', detail: `${nameOf(proof)} did not notice that it was gone` }
      failures.push(failure)
    }
    return { verdict: 'PASS', detail: failures.join('; ') }
  } catch (error) {
    return { verdict: 'FAIL', detail: error instanceof Error ? error.message : String(error) }
  } finally {
    writeFileSync(path, text)
  }
}

async function failureWithGuards(proof: Proof): Promise<string | null> {
  const key = JSON.stringify(proof)
  if (sound.has(key)) return null
  await build(copy)
  const failure = await prove(copy, proof)
  if (failure === null) sound.add(key)
  return failure
}

function isLeftOut(path: string): boolean {
  const name = basename(path)
  return ['node_modules', '.git', 'coverage', '.integration'].includes(name) || /^dist(-\d+)?$/.test(name)
}
