import { until } from './until.ts'
import { WorkerProcess } from './worker-process.ts'

export interface KillRun {
  /** How to start the worker, the same each time. */
  readonly args: readonly string[]
  /** How far the run is, 0 to 1. */
  readonly progress: () => number
  readonly kills: number
}

/** Kills a worker so many times with SIGKILL, at even steps of its progress, and lets it finish. */
export async function killAtProgress({ args, progress, kills }: KillRun): Promise<WorkerProcess> {
  let worker = WorkerProcess.start(args)
  for (let kill = 1; kill <= kills; kill++) {
    const goal = kill / (kills + 1)
    await until(() => checkAlive(worker) && progress() >= goal, {
      what: `progress ${goal.toFixed(2)}, kill ${kill} of ${kills}, now ${progress().toFixed(3)}`,
      everyMs: 1,
      timeoutMs: 60_000,
    })
    await worker.stop('SIGKILL')
    worker = WorkerProcess.start(args)
  }
  return worker
}

function checkAlive(worker: WorkerProcess): true {
  if (worker.hasExited) throw new Error(`The worker ended by itself:\n${worker.output}`)
  return true
}

/** What became of numbered lines: lost, repeated, and whether each repetition is one step back and not a jumble. */
export function judge(
  lines: readonly number[],
  count: number,
): { lost: number; repeated: number; steps: number[] } {
  const seen = new Uint8Array(count)
  const steps: number[] = []
  let repeated = 0
  for (const [i, number] of lines.entries()) {
    if (seen[number] === 1) repeated++
    seen[number] = 1
    const before = lines[i - 1] ?? -1
    if (number === before + 1) continue
    if (number > before + 1) throw new Error(`Out of order: ${number} came after ${before}.`)
    steps.push(before + 1 - number)
  }
  return { lost: seen.reduce((lost, flag) => lost + (flag === 0 ? 1 : 0), 0), repeated, steps }
}
