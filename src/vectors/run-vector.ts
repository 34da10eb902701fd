import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigError, ConnectError, DataError, toError } from '../errors.ts'
import type { ExpectedError, Outcome, Suite, Vector, VectorContext } from './suite.ts'

/** Runs one case. Whatever goes wrong is an outcome. */
export async function runVector<I, E, A>(vector: Vector, suite: Suite<I, E, A>): Promise<Outcome> {
  const expected = vector.expect
  let folder: string | null = null
  const context: VectorContext = { folder: () => (folder ??= mkdtempSync(join(tmpdir(), 'vectors-'))) }
  try {
    const input = vector.input as I
    let answer
    try {
      answer = await suite.run(input, context)
    } catch (thrown) {
      const error = toError(thrown)
      return {
        pass: isExpected(error, expected.error, suite, context),
        expected,
        got: { error: describe(error) },
      }
    }
    const pass = expected.error === undefined && suite.matches(answer, expected as E, input)
    return { pass, expected, got: answer }
  } catch (thrown) {
    return { pass: false, expected, got: `the comparison failed: ${toError(thrown).stack}` }
  } finally {
    if (folder !== null) rmSync(folder, { recursive: true, force: true })
  }
}

function isExpected<I, E, A>(
  error: Error,
  expected: ExpectedError | undefined,
  suite: Suite<I, E, A>,
  context: VectorContext,
): boolean {
  if (expected === undefined || !isOfKind(error, expected.kind)) return false
  return suite.matchesError?.(error, expected, context) ?? true
}

/** Kinds as the vectors mean them; `other` takes any error, since Java's null pointers are nothing to imitate. */
export function isOfKind(error: Error, kind: ExpectedError['kind']): boolean {
  switch (kind) {
    case 'config':
      return error instanceof ConfigError
    case 'data':
      return error instanceof DataError
    case 'connect':
      return error instanceof ConnectError && !(error instanceof DataError)
    case 'other':
      return true
  }
}

function describe(error: Error): string {
  return `${error.name}: ${error.message}`
}
