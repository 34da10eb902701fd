import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { cases } from '../faults/cases.ts'
import { guards, nameOf, withoutGuard } from '../faults/guards.ts'
import { root, textOf } from './project-files.ts'

/** The cells of all tables of docs/reliability.md. */
const rows = textOf('docs/reliability.md')
  .split('\n')
  .filter((line) => line.startsWith('|'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )

describe('the guards of npm run faults:guards', () => {
  test('have names of their own', () => {
    expect(new Set(guards.map(({ name }) => name)).size).toBe(guards.length)
  })

  for (const guard of guards) {
    test(`${guard.name} can be taken out, what has to notice it is there, and the docs say so`, () => {
      const text = textOf(guard.file)
      expect(withoutGuard(guard, text)).not.toBe(text)
      for (const proof of guard.proofs) {
        if ('test' in proof) expect(existsSync(join(root, proof.test))).toBe(true)
        else expect(cases.map(({ name }) => name)).toContain(proof.fault)
      }
      const shown = guard.proofs.map((proof) => `\`${nameOf(proof)}\``).join(', ')
      expect(rows).toContainEqual([`\`${guard.name}\``, guard.keeps, shown])
    })
  }
})

test('a guard that is not there, or more than once, is an error', () => {
  const guard = { ...guards[0]!, name: 'x', file: 'x.ts', find: 'a', replace: 'c' }
  expect(withoutGuard(guard, 'ab')).toBe('cb')
  expect(() => withoutGuard(guard, 'b')).toThrow('The guard x stands 0 times in x.ts instead of once: a')
  expect(() => withoutGuard(guard, 'aba')).toThrow('2 times')
})
