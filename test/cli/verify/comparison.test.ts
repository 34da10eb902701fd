import { describe, expect, test } from 'vitest'
import { Comparison, type Compared, type ComparisonLimits } from '../../../src/cli/verify/comparison.ts'
import { lineOf, type Line, type LineReader } from '../../../src/cli/verify/line.ts'
import { seeded } from '../../faults/random.ts'

/** `text`, or `text@partition`. */
function reader(texts: readonly string[], batch = 7): LineReader & { readonly given: number } {
  const offsets = new Map<number, number>()
  const lines = texts.map((each, index): Line => {
    const [text = '', partition = '-1'] = each.split('@')
    const offset = offsets.get(Number(partition)) ?? 0
    offsets.set(Number(partition), offset + 1)
    return lineOf(text, { number: index + 1, offset, partition: Number(partition) })
  })
  const state = {
    given: 0,
    next: async () => {
      const found = lines.slice(state.given, state.given + batch)
      state.given += found.length
      return found.length === 0 ? null : found
    },
    close: async () => {},
  }
  return state
}

const limits = { ahead: 100, behind: 100 }

function compare(
  reference: readonly string[],
  observed: readonly string[],
  given: ComparisonLimits = limits,
) {
  return new Comparison(reader(reference), given).run(reader(observed))
}

function shown({ counts, first }: Compared) {
  const wrong = Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))
  const at = (line: Line | null | undefined) => (line ? `${line.preview}#${line.number}` : null)
  return { ...wrong, first: first === null ? null : [first.kind, at(first.expected), at(first.found)] }
}

const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `line ${from + i}`)

describe('Comparison', () => {
  const lines = numbers(0, 50)
  const cases: { what: string; reference?: string[]; observed: string[]; says: object }[] = [
    { what: 'the same lines', observed: lines, says: { first: null } },
    {
      what: 'a gap',
      observed: [...lines.slice(0, 10), ...lines.slice(15)],
      says: { lost: 5, first: ['lost', 'line 10#11', 'line 15#11'] },
    },
    {
      what: 'an end too early',
      observed: lines.slice(0, 48),
      says: { lost: 2, first: ['lost', 'line 48#49', null] },
    },
    { what: 'nothing', observed: [], says: { lost: 50, first: ['lost', 'line 0#1', null] } },
    {
      what: 'lines sent again after a kill',
      observed: [...lines.slice(0, 30), ...lines.slice(20)],
      says: { duplicated: 10, first: ['duplicated', 'line 20#21', 'line 20#31'] },
    },
    {
      what: 'one line twice at the end',
      observed: [...lines, 'line 49'],
      says: { duplicated: 1, first: ['duplicated', 'line 49#50', 'line 49#51'] },
    },
    {
      what: 'two lines that changed places',
      observed: ['line 1', 'line 0', ...lines.slice(2)],
      says: { misplaced: 1, first: ['misplaced', 'line 0#1', 'line 0#2'] },
    },
    {
      what: 'a changed line',
      observed: [...lines.slice(0, 5), 'changed', ...lines.slice(6)],
      says: { lost: 1, unexpected: 1, first: ['unexpected', 'line 5#6', 'changed#6'] },
    },
    {
      what: 'a foreign line behind the end',
      observed: [...lines, 'foreign'],
      says: { unexpected: 1, first: ['unexpected', null, 'foreign#51'] },
    },
    {
      what: 'equal lines, one of them too many',
      reference: Array<string>(40).fill('same'),
      observed: Array<string>(41).fill('same'),
      says: { duplicated: 1, first: ['duplicated', 'same#40', 'same#41'] },
    },
    {
      what: 'equal lines, two of them too few',
      reference: Array<string>(40).fill('same'),
      observed: Array<string>(38).fill('same'),
      says: { lost: 2, first: ['lost', 'same#39', null] },
    },
    {
      what: 'a repetition of text that comes again much later',
      reference: ['', 'a', 'b', ...lines, ''],
      observed: ['', 'a', '', 'a', 'b', ...lines, ''],
      says: { duplicated: 2, first: ['duplicated', '#1', '#3'] },
    },
    {
      what: 'what repeats already in the reference',
      reference: [...lines.slice(0, 30), ...lines.slice(20)],
      observed: [...lines.slice(0, 30), ...lines.slice(20)],
      says: { first: null },
    },
  ]
  for (const { what, reference = lines, observed, says } of cases) {
    test(`knows ${what}`, async () => {
      expect(shown(await compare(reference, observed))).toEqual(says)
    })
  }

  test('takes partitions in any mixture, each in its order', async () => {
    const observed = ['a@0', 'c@1', 'd@1', 'b@0', 'e@1', 'f@0']
    expect(shown(await compare(['a', 'b', 'c', 'd', 'e', 'f'], observed))).toEqual({ first: null })
    expect(shown(await compare(observed, ['c', 'a', 'b', 'd', 'f', 'e']))).toEqual({ first: null })
  })

  test('does not take equal lines of several partitions for disorder', async () => {
    for (let seed = 0; seed < 300; seed++) {
      const random = seeded(seed)
      // Three partitions with few different texts, merged in two ways.
      const partitions = [0, 1, 2].map((p) =>
        Array.from({ length: 60 }, () => `text ${Math.floor(random() * 8)}@${p}`),
      )
      const merged = () => {
        const queues = partitions.map((each) => [...each])
        const all: string[] = []
        for (let left = queues; left.length > 0; left = queues.filter((each) => each.length > 0)) {
          const queue = left[Math.floor(random() * left.length)]!
          all.push(...queue.splice(0, 1 + Math.floor(random() * 6)))
        }
        return all
      }
      const plain = merged().map((each) => each.split('@')[0]!)
      expect(shown(await compare(merged(), plain)), `to a file, seed ${seed}`).toEqual({ first: null })
      const enough = { ahead: 200, behind: 200 }
      expect(shown(await compare(plain, merged(), enough)), `from a file, seed ${seed}`).toEqual({
        first: null,
      })
    }
  })

  test('sees order broken within a partition', async () => {
    const observed = ['a@0', 'd@1', 'c@1', 'b@0']
    expect(shown(await compare(['a', 'b', 'c', 'd'], observed))).toMatchObject({ misplaced: 1 })
    expect(shown(await compare(['a@0', 'b@0', 'c@1'], ['b', 'a', 'c']))).toMatchObject({ misplaced: 1 })
  })

  test('tells sums that do not depend on the order, and differ with the lines', async () => {
    const { reference, observed } = await compare(lines, lines.toReversed())
    expect([observed.lines, observed.checksum]).toEqual([50, reference.checksum])
    const other = await compare(lines, [...lines.slice(0, 49), 'line 50'])
    expect(other.observed.checksum).not.toBe(other.reference.checksum)
  })

  test('counts what was lost and what came twice exactly, wherever it happens', async () => {
    for (let seed = 0; seed < 200; seed++) {
      const random = seeded(seed)
      const all = numbers(0, 300)
      const observed: string[] = []
      const expected = { lost: 0, duplicated: 0 }
      for (let at = 0; at < all.length;) {
        const run = Math.min(all.length - at, 1 + Math.floor(random() * 40))
        observed.push(...all.slice(at, at + run))
        at += run
        if (random() < 0.3) {
          // A kill: the last few come again, and then it goes on.
          const again = Math.min(run, Math.floor(random() * 20))
          observed.push(...all.slice(at - again, at))
          expected.duplicated += again
        } else if (random() < 0.3) {
          const skipped = Math.min(all.length - at, Math.floor(random() * 20))
          at += skipped
          expected.lost += skipped
        }
      }
      const { counts } = await compare(all, observed)
      expect(counts, `seed ${seed}`).toEqual({ ...expected, misplaced: 0, unexpected: 0 })
    }
  })

  test('never holds more of the reference than its limits say', async () => {
    const reference = reader(numbers(0, 20_000), 100)
    let most = 0
    const observed = reader(numbers(0, 20_000), 100)
    await new Comparison(reference, { ahead: 3000, behind: 500 }).run({
      next: async () => {
        most = Math.max(most, reference.given - observed.given)
        return observed.next()
      },
      close: async () => {},
    })
    expect(most).toBeLessThanOrEqual(2100)

    const foreign = reader(numbers(0, 20_000), 100)
    const compared = await new Comparison(foreign, { ahead: 3000, behind: 500 }).run({
      next: async () =>
        most === 0 ? null : ((most = 0), [lineOf('foreign', { number: 1, offset: 0, partition: -1 })]),
      close: async () => {},
    })
    expect(compared.counts).toMatchObject({ unexpected: 1, lost: 20_000 })
  })
})
