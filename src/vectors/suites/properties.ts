import { parseProperties } from '../../config/properties.ts'
import type { Suite } from '../suite.ts'

type Pairs = readonly (readonly [string, string])[]

export const propertiesSuite: Suite<{ text: string }, { pairs: Pairs }, Pairs> = {
  run: ({ text }) => parseProperties(text, 'text').pairs,
  matches: (pairs, expected) => JSON.stringify(pairs) === JSON.stringify(expected.pairs),
}
