import { readFileSync } from 'node:fs'
import { toError } from '../errors.ts'
import { runVector } from './run-vector.ts'
import type { Outcome, Vector } from './suite.ts'
import { findSuite } from './suites.ts'

/**
 * Compares this program with recorded answers of Kafka Connect: `vectors FILE.jsonl...`. Prints each case that fails and,
 * last, `N passed, N failed`; exit code 1 when one did.
 */
export async function runFiles(files: readonly string[], print: (line: string) => void): Promise<boolean> {
  let passed = 0
  let failed = 0
  const fail = (name: string, detail: string) => {
    failed++
    print(`FAILED ${name}\n${detail}`)
  }
  if (files.length === 0) fail('nothing to run', '  usage: npm run vectors -- FILE.jsonl...')
  for (const file of files) {
    const lines = readLines(file)
    if (typeof lines === 'string') fail(file, `  ${lines}`)
    else {
      for (const [number, line] of lines) {
        const result = await runLine(line)
        if (result.outcome?.pass) passed++
        else fail(result.name ?? `${file}:${number}`, result.detail)
      }
    }
  }
  print(`${passed} passed, ${failed} failed`)
  return failed === 0
}

function readLines(file: string): (readonly [number, string])[] | string {
  try {
    const lines = readFileSync(file, 'utf8')
      .split('\n')
      .map((line, index) => [index + 1, line] as const)
    const filled = lines.filter(([, line]) => line.trim() !== '')
    return filled.length === 0 ? 'there are no vectors in this file' : filled
  } catch (thrown) {
    return `could not be read: ${toError(thrown).message}`
  }
}

async function runLine(line: string): Promise<{ name?: string; outcome?: Outcome; detail: string }> {
  let name
  try {
    const vector = JSON.parse(line) as Vector
    name = `${vector.suite}: ${vector.name}`
    const outcome = await runVector(vector, await findSuite(vector.suite))
    const detail = `  expected ${show(outcome.expected)}\n  got      ${show(outcome.got)}`
    return { name, outcome, detail }
  } catch (thrown) {
    return { ...(name === undefined ? {} : { name }), detail: `  is no vector: ${toError(thrown).message}` }
  }
}

function show(value: unknown): string {
  if (typeof value === 'string') return value
  const text =
    JSON.stringify(value, (_, item: unknown) => (typeof item === 'bigint' ? String(item) : item)) ??
    'undefined'
  return text.length > 2000 ? `${text.slice(0, 2000)}...` : text
}

/** The whole command. */
export async function main(files: readonly string[]): Promise<number> {
  process.env['TZ'] = 'UTC'
  const lines: string[] = []
  const isGood = await runFiles(files, (line) => lines.push(line))
  process.stdout.write(`${lines.join('\n')}\n`)
  return isGood ? 0 : 1
}
