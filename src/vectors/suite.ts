/** One recorded case. What `input` and `expect` hold is the suite's own affair, but for `expect.error`. */
export interface Vector {
  readonly suite: string
  readonly name: string
  readonly input: never
  readonly expect: { readonly error?: ExpectedError }
}

export interface ExpectedError {
  readonly kind: 'config' | 'data' | 'connect' | 'other'
  readonly message?: string
}

export interface Outcome {
  readonly pass: boolean
  readonly expected: unknown
  readonly got: unknown
}

/**
 * How to run the cases of one suite. `run` does what the vector says and throws what the program throws; whether an
 * error was expected is none of its business.
 */
export interface Suite<Input, Expected, Answer> {
  run(input: Input, context: VectorContext): Answer | Promise<Answer>
  /** Whether the answer is the expected one. */
  matches(answer: Answer, expected: Expected, input: Input): boolean
  /** Whether an error of the right kind is the expected one; where messages count. */
  matchesError?(error: Error, expected: ExpectedError, context: VectorContext): boolean
}

export interface VectorContext {
  /** A folder of this case's own, made when first asked for. */
  folder(): string
}
