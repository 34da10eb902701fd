import type { Line, LineReader } from './line.ts'
import { Totals } from './line.ts'
import { Occurrences } from './occurrences.ts'
import { OrderProof } from './order-proof.ts'

export type DifferenceKind = 'lost' | 'duplicated' | 'misplaced' | 'unexpected'

/** What is wrong at one place: what should be there, and what is. */
export interface Difference {
  readonly kind: DifferenceKind
  readonly expected: Line | null
  readonly found: Line | null
}

export interface Compared {
  readonly reference: Totals
  readonly observed: Totals
  readonly counts: Readonly<Record<DifferenceKind, number>>
  readonly first: Difference | null
}

export interface ComparisonLimits {
  /** How many lines the reference is read ahead of what was found, to find a line that comes too early. */
  readonly ahead: number
  /** How many lines behind are remembered, to know a line that comes late or once more. */
  readonly behind: number
}

const none: Compared['counts'] = { lost: 0, duplicated: 0, misplaced: 0, unexpected: 0 }

interface Expected extends Line {
  isFound: boolean
}

/**
 * Compares lines with those that they should be, in one pass and bounded memory. Every line found is looked for in a
 * window of the reference. It is the next one of its partition; or it was found before (duplicated); or it stands before
 * one that was found already (misplaced); or it stands nowhere (unexpected). What leaves the window without having been
 * found is lost. Where a text stands several times, the nearest place counts.
 */
export class Comparison {
  readonly #reference: LineReader
  readonly #limits: ComparisonLimits
  readonly #referenceTotals = new Totals()
  readonly #observedTotals = new Totals()
  readonly #counts: Record<DifferenceKind, number> = { ...none }
  #first: { readonly at: number; readonly difference: Difference } | null = null
  /** The reference from `#base` on; `#start` lines of the array are forgotten already. */
  #window: Expected[] = []
  #start = 0
  #base = 0
  readonly #places = new Occurrences()
  readonly #proof: OrderProof
  #isReferenceRead = false
  /** Behind the last line of each partition that was found in order. */
  readonly #next = new Map<number, number>()
  readonly #lastOffsets = new Map<number, number>()
  #highest = 0
  /** Every line before it is found or forgotten. */
  #frontier = 0
  /** Behind the last line that came once more: one that follows it is most likely more of the same. */
  readonly #repeating = new Map<number, number>()
  /** What came where something was left out. */
  readonly #gaps: { readonly from: number; readonly to: number; readonly found: Line }[] = []

  constructor(reference: LineReader, limits: ComparisonLimits = { ahead: 200_000, behind: 200_000 }) {
    this.#reference = reference
    this.#limits = limits
    this.#proof = new OrderProof(limits.ahead + limits.behind)
  }

  /** `progress` hears now and then how many lines were compared. */
  async run(observed: LineReader, progress: (lines: number) => void = () => {}): Promise<Compared> {
    for (let batch = await observed.next(); batch !== null; batch = await observed.next()) {
      for (const line of batch) {
        this.#observedTotals.add(line)
        while (!this.#isReferenceRead && this.#end - this.#highest < minAhead) await this.#readAhead()
        while (!this.#place(line)) await this.#readAhead()
        this.#proof.found(line, this.#places, this.#base)
      }
      this.#proof.advance()
      this.#forget(this.#highest - this.#limits.behind)
      progress(this.#observedTotals.lines)
    }
    while (!this.#isReferenceRead) {
      await this.#readAhead()
      this.#forget(this.#end - this.#limits.behind)
    }
    this.#forget(this.#end)
    const { lines, checksum } = this.#referenceTotals
    const isSame = lines === this.#observedTotals.lines && checksum === this.#observedTotals.checksum
    if (isSame && this.#proof.isProved()) {
      return { reference: this.#referenceTotals, observed: this.#observedTotals, counts: none, first: null }
    }
    return {
      reference: this.#referenceTotals,
      observed: this.#observedTotals,
      counts: this.#counts,
      first: this.#first?.difference ?? null,
    }
  }

  get #end(): number {
    return this.#base + this.#window.length - this.#start
  }

  #at(position: number): Expected {
    return this.#window[position - this.#base + this.#start]!
  }

  async #readAhead(): Promise<void> {
    const batch = await this.#reference.next()
    if (batch === null) this.#isReferenceRead = true
    for (const line of batch ?? []) {
      this.#referenceTotals.add(line)
      this.#proof.expect(line)
      this.#places.add(line.digest, this.#end)
      this.#window.push(Object.assign(line, { isFound: false }))
    }
  }

  /** Finds the line's place. False: the reference has to be read on first. */
  #place(line: Line): boolean {
    const { digest } = line
    const repeating = this.#repeating.get(line.partition) ?? -1
    if (repeating >= this.#base && repeating < this.#highest && repeating !== this.#nextOf(line)) {
      const expected = this.#at(repeating)
      if (expected.isFound && expected.digest === digest) return this.#duplicated(line, repeating)
    }
    const isNext = (position: number) => {
      const expected = this.#at(position)
      return !expected.isFound && position >= this.#nextOf(line, expected)
    }
    const ahead = this.#nearest(line, isNext)
    const next = this.#nextOf(line)
    const again = this.#places.last(digest, this.#highest, (position) => this.#at(position).isFound)
    if (ahead >= 0) {
      const skipped = ahead - Math.max(next, this.#frontier)
      const isAgain = again >= 0 && next - again < skipped
      return isAgain ? this.#duplicated(line, again) : this.#found(line, ahead)
    }
    const late = this.#places.first(digest, this.#frontier, (position) => !this.#at(position).isFound)
    if (late >= 0) return this.#misplaced(line, late)
    if (again >= 0) return this.#duplicated(line, again)
    const mayRead = !this.#isReferenceRead && this.#end - this.#highest < this.#limits.ahead
    return mayRead ? false : this.#unexpected(line)
  }

  /** Of equal lines in several partitions the one that is soonest due in its own. */
  #nearest(line: Line, isNext: (position: number) => boolean): number {
    let best = this.#places.first(line.digest, this.#frontier, isNext)
    if (best < 0 || line.partition >= 0 || this.#at(best).partition < 0) return best
    for (let tries = 0, other = best; tries < mostCandidates; tries++) {
      other = this.#places.first(line.digest, other + 1, isNext)
      if (other < 0) break
      if (this.#wait(other) < this.#wait(best)) best = other
    }
    return best
  }

  /** How many records of its partition come before. */
  #wait(position: number): number {
    const { partition, offset } = this.#at(position)
    return offset - (this.#lastOffsets.get(partition) ?? -1)
  }

  /** Behind the last one in order of the line's partition: a topic is read from, or written to, one by one. */
  #nextOf(line: Line, expected: Line | null = null): number {
    const partition = line.partition >= 0 ? line.partition : (expected?.partition ?? -1)
    return this.#next.get(partition) ?? (partition === -1 ? this.#frontier : 0)
  }

  #found(line: Line, position: number): true {
    const expected = this.#at(position)
    const from = Math.max(this.#frontier, this.#nextOf(line, expected))
    if (position > from && this.#gaps.length < mostGaps) this.#gaps.push({ from, to: position, found: line })
    this.#take(expected)
    const partition = line.partition >= 0 ? line.partition : expected.partition
    this.#next.set(partition, position + 1)
    this.#lastOffsets.set(partition, expected.offset)
    this.#repeating.delete(line.partition)
    this.#highest = Math.max(this.#highest, position + 1)
    return true
  }

  #take(expected: Expected): void {
    expected.isFound = true
    // Whoever comes here once more has the same text: 200,000 of them need not be kept.
    expected.preview = ''
    while (this.#frontier < this.#end && this.#at(this.#frontier).isFound) this.#frontier++
  }

  #duplicated(line: Line, position: number): true {
    this.#repeating.set(line.partition, position + 1)
    const expected = { ...this.#at(position), preview: line.preview }
    this.#note('duplicated', this.#highest, { expected, found: line })
    return true
  }

  #misplaced(line: Line, position: number): true {
    const expected = this.#at(position)
    this.#note('misplaced', position, { expected: { ...expected }, found: line })
    this.#take(expected)
    return true
  }

  #unexpected(line: Line): true {
    const expected = this.#frontier < this.#end ? { ...this.#at(this.#frontier) } : null
    this.#note('unexpected', this.#frontier, { expected, found: line })
    return true
  }

  #note(kind: DifferenceKind, at: number, lines: Omit<Difference, 'kind'>): void {
    this.#counts[kind]++
    if (this.#first === null || at < this.#first.at) this.#first = { at, difference: { kind, ...lines } }
  }

  /** Gives up the lines before a position. */
  #forget(position: number): void {
    for (; this.#base < position; this.#base++, this.#start++) {
      const expected = this.#window[this.#start]!
      this.#places.removeFirst(expected.digest)
      if (expected.isFound) continue
      const at = this.#base
      const gap = this.#gaps.find(({ from, to }) => from <= at && at < to)
      this.#note('lost', at, { expected, found: gap?.found ?? null })
    }
    this.#frontier = Math.max(this.#frontier, this.#base)
    while (this.#gaps.length > 0 && this.#gaps[0]!.to <= this.#base) this.#gaps.shift()
    if (this.#start < 10_000) return
    this.#window = this.#window.slice(this.#start)
    this.#start = 0
  }
}

const mostGaps = 1000
const mostCandidates = 16
/** So many lines of the reference are there before anything is called a duplicate. */
const minAhead = 2000
