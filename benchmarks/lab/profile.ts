import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[]
  readonly samples: readonly number[]
  readonly timeDeltas: readonly number[]
}

interface CallFrame {
  readonly functionName: string
  readonly url: string
}

/** What V8 calls the time in which nothing was done. */
const idle = '(idle)'

/** Where the time went by itself in the profiles (`--cpu-prof`) of a folder: a line each, the most first. */
export function hottest(folder: string, count: number): string[] {
  const selfMs = new Map<string, number>()
  for (const name of readdirSync(folder).filter((file) => file.endsWith('.cpuprofile'))) {
    const profile = JSON.parse(readFileSync(join(folder, name), 'utf8')) as CpuProfile
    const frames = new Map(profile.nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
    for (const [i, id] of profile.samples.entries()) {
      const frame = frames.get(id)!
      selfMs.set(frame, (selfMs.get(frame) ?? 0) + profile.timeDeltas[i]! / 1000)
    }
  }
  selfMs.delete(idle)
  const busy = [...selfMs.values()].reduce((sum, ms) => sum + ms, 0)
  return [...selfMs]
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(
      ([frame, ms]) =>
        `${ms.toFixed(0).padStart(6)} ms ${((ms / busy) * 100).toFixed(0).padStart(3)} %  ${frame}`,
    )
}

function nameOf({ functionName, url }: CallFrame): string {
  const file = url.split('/').at(-1)!
  return `${functionName || '(anonymous)'}${file === '' ? '' : ` ${file}`}`
}
