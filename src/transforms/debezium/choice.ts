import { rule, type Validator } from '../../index.ts'

/** One of these words, in any case, or null where the setting may be missing. */
export function choice(...words: readonly string[]): Validator {
  return rule(`[${words.join(', ')}]`, (value: string | null) =>
    value === null || words.includes(value.toLowerCase()) ? null : `Value must be one of ${words.join(', ')}`,
  )
}
