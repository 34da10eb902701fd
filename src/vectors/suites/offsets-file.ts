import { ConnectError } from '../../errors.ts'
import { parseJavaOffsets, type JavaEntry } from '../../runtime/offsets/java-offsets.ts'
import type { Suite } from '../suite.ts'

export const offsetsFileSuite: Suite<
  { fileBase64: string },
  { entries: readonly JavaEntry[] },
  readonly JavaEntry[]
> = {
  run: ({ fileBase64 }) => parseJavaOffsets(Buffer.from(fileBase64, 'base64')).entries,
  // As a set of raw entries; of one key that occurs twice, Kafka Connect keeps the last.
  matches: (entries, expected) =>
    JSON.stringify(sorted(new Map(entries))) === JSON.stringify(sorted(expected.entries)),
  matchesError: (error) => error instanceof ConnectError,
}

function sorted(entries: Iterable<JavaEntry>): string[] {
  return [...entries].map((entry) => JSON.stringify(entry)).sort()
}
