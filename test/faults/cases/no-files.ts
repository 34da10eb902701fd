import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '../../support/until.ts'
import { type FaultCase, type Lab, problemsOf } from '../lab.ts'
import { appendRecords, type Verdict } from '../numbered-records.ts'
import { Rest } from '../rest.ts'
import { standalone } from '../worker.ts'

const perSource = 1000
const mostCpuPercent = 20
const ranOut = 'File descriptors have run out: this process may have 64 open.'

/** What the system does not give: ports, places for files, file descriptors. `rounds` are pairs of source and sink. */
export const noFiles: FaultCase = {
  name: 'no-files',
  numbers: '18',
  about: 'file descriptors run out; a port is taken; files cannot be made where they should be',
  async run(lab, { rounds: asked }) {
    // Fewer get along with 64 descriptors.
    const rounds = Math.max(12, asked ?? 12)
    await lab.startBroker()
    const problems = [...(await refusedStarts(lab)), ...(await missingFolder(lab))]
    const { verdict, recoveryMs, peakMb, cpuPercent } = await crowded(lab, rounds, problems)
    problems.push(...problemsOf(verdict, 0))
    const who =
      process.getuid?.() === 0 ? '; not tried, because root writes everywhere: a read-only folder' : ''
    const notes = `${cpuPercent.toFixed(1)} % CPU without descriptors${who}`
    return { ...verdict, rounds, recoveryMs, peakMb, problems, notes }
  },
}

/** Starts that cannot be: exit code 2, and a message with what was asked for and the line that asked. */
async function refusedStarts(lab: Lab): Promise<string[]> {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  lab.onClose(() => new Promise((resolve) => taken.close(resolve)))
  const { port } = taken.address() as { port: number }
  writeFileSync(lab.path('no-folder'), '')
  const problems: string[] = []
  for (const [key, value, reason] of [
    ['listeners', `http://127.0.0.1:${port}`, 'the port is in use'],
    ['offset.storage.file.filename', lab.path('no-folder/connect.offsets'), 'is not a folder'],
    ['offset.storage.file.filename', lab.path('missing/connect.offsets'), 'does not exist'],
    ['offset.storage.file.filename', '/proc/connect.offsets', 'cannot be used'],
  ] as const) {
    const file = await lab.workerFile({ [key]: value })
    const lines = readFileSync(file, 'utf8').split('\n')
    const place = `worker.properties:${lines.findIndex((text) => text.startsWith(`${key}=`)) + 1}:`
    const worker = lab.worker([file])
    worker.start()
    const code = await worker.ended()
    const error = worker.logSinceStart.split('\n').find((text) => text.includes(' ERROR ')) ?? ''
    if (code !== 2) problems.push(`${key}=${value} gave exit code ${code}`)
    if (![value, place, reason].every((part) => error.includes(part)))
      problems.push(`${key}=${value} is said so: ${error}`)
  }
  return problems
}

/** A sink whose folder is missing fails, says so, and goes on when it is told to after the folder was made. */
async function missingFolder(lab: Lab): Promise<string[]> {
  const folder = lab.path('later')
  const file = `${folder}/out.txt`
  appendRecords(lab.path('in.txt'), 0, perSource)
  const worker = lab.worker([await lab.workerFile(), lab.sourceFile(), lab.sinkFile({ file })])
  worker.start()
  await worker.whenReady()
  const rest = new Rest(worker)
  const { trace } = await rest.untilTask('out', 'FAILED')
  const problems =
    trace?.includes(file) === true ? [] : [`the trace does not name ${file}: ${trace?.slice(0, 300)}`]
  const before = worker.cpuSeconds()
  await delay(1000)
  const percent = (worker.cpuSeconds() - before) * 100
  if (percent > mostCpuPercent) problems.push(`a sink without its folder took ${percent.toFixed(0)} % CPU`)
  mkdirSync(folder)
  await rest.restartTask('out')
  await lab.untilAllSunk(perSource, worker, [file])
  await worker.stop('SIGTERM')
  problems.push(...problemsOf(lab.readFiles(perSource, [file]).verdict(), 0))
  return problems.map((problem) => `missing folder: ${problem}`)
}

/** More connectors than 64 descriptors are enough for; then as many as they want. */
async function crowded(lab: Lab, pairs: number, problems: string[]) {
  const numbers = Array.from({ length: pairs }, (_, i) => i)
  const output = (i: number) => lab.path(`out-${i}.txt`)
  const connectors = numbers.flatMap((i) => {
    const [file, topic] = [lab.path(`in-${i}.txt`), `crowd-${i}`]
    appendRecords(file, 0, perSource)
    return [
      lab.sourceFile({ name: `source-${i}`, topic, file }, `source-${i}.properties`),
      lab.sinkFile({ name: `sink-${i}`, topics: topic, file: output(i) }, `sink-${i}.properties`),
    ]
  })
  const workerFile = await lab.workerFile()
  const limit = ['sh', '-c', 'ulimit -n 64; exec "$@"', 'sh', ...standalone] as const
  const limited = lab.worker([workerFile, ...connectors], {}, limit)
  limited.start()
  await until(() => limited.checkAlive() && limited.log.includes(ranOut), {
    what: `descriptors to run out; the worker says\n${limited.log.slice(-1500)}`,
    timeoutMs: 30_000,
  })
  // What the start itself costs is no sign of spinning.
  await delay(1000)
  const [cpu, begun] = [limited.cpuSeconds(), performance.now()]
  await delay(2000)
  limited.checkAlive()
  const cpuPercent = ((limited.cpuSeconds() - cpu) / (performance.now() - begun)) * 100_000
  if (cpuPercent > mostCpuPercent) problems.push(`without descriptors it took ${cpuPercent.toFixed(0)} % CPU`)
  const code = await limited.stop('SIGTERM')
  const said = limited.log.split(ranOut).length - 1
  if (said !== 1) problems.push(`that descriptors have run out was said ${said} times`)
  if (code !== 143) problems.push(`the stop without descriptors gave exit code ${code}`)

  const free = lab.worker([workerFile, ...connectors])
  const started = performance.now()
  free.start()
  for (const i of numbers) await lab.untilAllSunk(perSource, free, [output(i)])
  const recoveryMs = performance.now() - started
  await free.stop('SIGTERM')
  const verdict: Verdict = { lost: 0, duplicated: 0, reordered: 0, damaged: 0, torn: 0 }
  for (const i of numbers) {
    const found = lab.readFiles(perSource, [output(i)]).verdict()
    for (const key of Object.keys(verdict) as (keyof Verdict)[]) verdict[key] += found[key]
  }
  return { verdict, recoveryMs, peakMb: Math.max(limited.peakMb, free.peakMb), cpuPercent }
}
