import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { decodeJournal, encodeBatch, encodeHeader } from '../../../src/runtime/offsets/journal-format.ts'
import { type FaultCase, type Lab, problemsOf } from '../lab.ts'
import { recordBytes } from '../numbered-records.ts'
import { type FaultyWorker, standalone } from '../worker.ts'

/** Offset files that another program, or another version of this one, has written. */
export const upgrade: FaultCase = {
  name: 'upgrade',
  numbers: '24',
  about: 'the offset file is one of Kafka Connect, or of a newer version',
  async run(lab, { rounds: asked }) {
    const rounds = asked ?? 3
    const perRound = 5000
    await lab.startBroker()
    const { bytes: javaFile, shipped } = javaSample()
    writeFileSync(lab.path('in.txt'), `${'already shipped'.padEnd(shipped - 1, '.')}\n`)
    lab.write(0, perRound)
    const offsets = lab.path('connect.offsets')
    const source = lab.sourceFile({ name: 'files', file: 'in.txt' })
    // The file of Kafka Connect has the name of the source's file as it was given there.
    const inFolder = ['sh', '-c', 'cd "$0" && exec "$@"', lab.folder, ...standalone] as const
    const worker = lab.worker([await lab.workerFile(), source], {}, inFolder)
    const problems: string[] = []

    // Half of it, as a copy that was interrupted: Kafka Connect would begin again from the start.
    writeFileSync(offsets, javaFile.subarray(0, javaFile.length / 2))
    problems.push(
      ...(await refused(lab, worker, /of Kafka Connect is cut short: 0 of .* offsets can be saved/)),
    )

    writeFileSync(offsets, javaFile)
    const reached = (count: number) =>
      lab.reached(() => (sourcePosition(lab) - shipped) / recordBytes, count, worker)
    let recoveryMs = 0
    for (let round = 1; round <= rounds; round++) {
      const started = performance.now()
      worker.start()
      await reached(round * perRound)
      recoveryMs = Math.max(recoveryMs, performance.now() - started)
      const imports = worker.logSinceStart.match(/Imported 1 offsets of Kafka Connect/g)?.length ?? 0
      if (imports !== (round === 1 ? 1 : 0)) problems.push(`start ${round} imported ${imports} times`)
      const code = await worker.stop('SIGTERM')
      if (code !== 143) problems.push(`an orderly stop gave exit code ${code}`)
      const ours = readFileSync(offsets)
      writeFileSync(offsets, newerFormat(ours))
      // There is something to ship, if the file were taken for an empty one or an old one.
      lab.write(round * perRound, (round + 1) * perRound)
      const says = /has format 2, but this version of tsconnect knows formats up to 1\b/
      problems.push(...(await refused(lab, worker, says)))
      writeFileSync(offsets, ours)
    }
    worker.start()
    await reached((rounds + 1) * perRound)
    await worker.stop('SIGTERM')
    if (!existsSync(`${offsets}.java.bak`) || !readFileSync(`${offsets}.java.bak`).equals(javaFile)) {
      problems.push('the file of Kafka Connect is not kept as it was')
    }
    const verdict = await lab.judgeTopic('t', (rounds + 1) * perRound)
    problems.push(...problemsOf(verdict, 0))
    if (verdict.torn > 0) problems.push(`${verdict.torn} fragments of records`)
    const notes = 'of our own formats the first is the only one so far: there is no older one to load'
    return { ...verdict, rounds, recoveryMs, peakMb: worker.peakMb, problems, notes }
  },
}

/** A file that Kafka Connect has written, with one offset: so many bytes of in.txt. */
function javaSample(): { bytes: Buffer; shipped: number } {
  const lines = readFileSync('test/fixtures/vectors/offsets-file.jsonl', 'utf8').trim().split('\n')
  for (const line of lines) {
    const { name, input } = JSON.parse(line) as { name: string; input: { fileBase64: string } }
    if (name === 'one entry') return { bytes: Buffer.from(input.fileBase64, 'base64'), shipped: 28 }
  }
  throw new Error('The recorded offset files of Kafka Connect have no "one entry".')
}

/** The same offsets as a version of tomorrow may write them: what the lines hold is its own affair. */
function newerFormat(ours: Buffer): Buffer {
  const { header, lines } = decodeJournal(ours)
  const newer = encodeHeader({ ...header!, version: header!.version + 1 })
  return Buffer.concat([newer, ...lines.map(encodeBatch)])
}

function sourcePosition(lab: Lab): number {
  const offsets = lab.path('connect.offsets')
  const { lines } = decodeJournal(existsSync(offsets) ? readFileSync(offsets) : Buffer.alloc(0))
  const [, value] = lines.at(-1)?.set.at(-1) ?? []
  return value ? (JSON.parse(value) as { position: number }).position : 0
}

/** The worker does not start, says why, and leaves the file alone. */
async function refused(lab: Lab, worker: FaultyWorker, says: RegExp): Promise<string[]> {
  const offsets = lab.path('connect.offsets')
  const before = readFileSync(offsets)
  worker.start()
  const code = await worker.ended()
  const said = worker.logSinceStart
  return [
    ...(code === 2 ? [] : [`the start with a file that is to be refused gave exit code ${code}`]),
    ...(says.test(said) ? [] : [`the worker does not say ${String(says)}: ${said.slice(-500)}`]),
    ...(readFileSync(offsets).equals(before) ? [] : ['the refused file was changed']),
  ]
}
