import { appendFileSync, writeFileSync } from 'node:fs'
import { committedPosition } from '../../support/committed-position.ts'
import { type FaultCase, type Lab, problemsOf } from '../lab.ts'
import { Oracle, recordText } from '../numbered-records.ts'

/** Two produce batches: what may be on its way when the worker dies. */
const mostBytesRepeatedPerKill = 2 * 512 * 1024
const pieces = ['a', '~', 'é', 'Ж', '€', '漢', '\u{1f600}', '\u{10ffff}', '\0', '\t', '\ufeff', '\u2028']
/** No UTF-8: alone, cut short, too long, a surrogate, beyond the last character. */
const invalid = ['ff', 'c3', 'e282', 'f09f98', 'c0af', 'eda080', 'f4908080', '80'].map((hex) =>
  Buffer.from(hex, 'hex'),
)

/** Lines of all kinds of bytes, first over orderly stops, then over kills; the last line is finished in pieces. */
export const resumeText: FaultCase = {
  name: 'resume-text',
  numbers: '15',
  about: 'the worker stops and dies within text that is not ASCII',
  async run(lab, { rounds: asked }) {
    const rounds = asked ?? 5
    const stops = Math.ceil(rounds / 2)
    const half = Math.max(50_000, rounds * 8000)
    await lab.startBroker()
    const tails = Array.from({ length: 1000 }, () => randomText(lab))
    const lines = Array.from({ length: 2 * half }, (_, n) => {
      const tail = tails[Math.floor(lab.random() * tails.length)]!
      return Buffer.concat([Buffer.from(`${n} `), tail, Buffer.from(n % 3 === 0 ? '\r\n' : '\n')])
    })
    const ends = lines.map(({ length }) => length)
    for (let n = 1; n < ends.length; n++) ends[n]! += ends[n - 1]!
    const [middle, end] = [ends[half - 1]!, ends.at(-1)!]
    // What is behind comes when the orderly stops are over, so that they cannot hide a repetition.
    writeFileSync(lab.path('in.txt'), Buffer.concat(lines.slice(0, half)))
    const committed = () => committedPosition(lab.path('connect.offsets'))
    const worker = lab.worker([await lab.workerFile(), lab.sourceFile()])
    const problems: string[] = []
    for (let round = 0; round < stops; round++) {
      worker.start()
      await worker.whenReady()
      await lab.reached(committed, Math.max(1, ((round + lab.random()) / stops) * middle), worker)
      const code = await worker.stop('SIGTERM')
      if (code !== 143) problems.push(`an orderly stop gave exit code ${code}`)
      if (!(committed() === 0 || ends.includes(committed()))) problems.push(`${committed()} is within a line`)
    }
    worker.start()
    await lab.reached(committed, middle, worker)
    const last = lines.at(-1)!
    const cut = last.lastIndexOf(0xf0) + 2
    appendFileSync(lab.path('in.txt'), Buffer.concat([...lines.slice(half, -1), last.subarray(0, cut)]))
    let recoveryMs = 0
    for (let round = 1; round <= rounds; round++) {
      const goal = middle + ((round - lab.random()) / rounds) * (end - last.length - middle)
      await lab.reached(committed, goal, worker)
      await worker.stop('SIGKILL')
      const [before, started] = [committed(), performance.now()]
      worker.start()
      await lab.reached(committed, Math.min(before + 1, end - last.length), worker)
      recoveryMs = Math.max(recoveryMs, performance.now() - started)
    }
    await lab.reached(committed, end - last.length, worker)
    await worker.stop('SIGKILL')
    if (committed() !== end - last.length) problems.push('a line without its end was sent')
    worker.start()
    await worker.whenReady()
    appendFileSync(lab.path('in.txt'), last.subarray(cut))
    await lab.reached(committed, end, worker)
    await worker.stop('SIGTERM')

    const expected = new Map(lines.map((line, n) => [textOf(line), n]))
    const oracle = new Oracle(2 * half)
    const early = new Oracle(half)
    await lab.readTopic('t', (text) => {
      const n = expected.get(text)
      oracle.take(n === undefined ? text : recordText(n))
      if (n !== undefined && n < half) early.take(recordText(n))
    })
    const verdict = oracle.verdict()
    problems.push(...problemsOf(verdict, (rounds * mostBytesRepeatedPerKill) / (end / lines.length)))
    if (verdict.torn > 0) problems.push(`${verdict.torn} fragments of lines`)
    const { duplicated } = early.verdict()
    if (duplicated > 0) problems.push(`${duplicated} lines came twice over ${stops} orderly stops`)
    const notes = `${stops} orderly stops and ${rounds + 1} kills, ${(end / 1e6).toFixed(1)} MB`
    return { ...verdict, rounds, recoveryMs, peakMb: worker.peakMb, problems, notes }
  },
}

/** Some hundred characters and non-characters. It ends with one of four bytes, for the cut within the last line. */
function randomText(lab: Lab): Buffer {
  const parts = Array.from({ length: 50 + Math.floor(lab.random() * 200) }, (_, i) => {
    const piece = pieces[Math.floor(lab.random() * (pieces.length + 1))]
    return piece === undefined ? invalid[i % invalid.length]! : Buffer.from(piece)
  })
  return Buffer.concat([...parts, Buffer.from('\u{1f600}')])
}

/** What Java makes of the bytes: U+FFFD for each longest piece that could have begun a character. */
function textOf(line: Buffer): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(line).replace(/\r?\n$/, '')
}
