import { ConnectError, toError } from '../../errors.ts'
import type { Failure } from './failure.ts'

/** Somebody who is told of failed records. */
export interface ErrorReporter<R> {
  /**
   * Resolves with null when the report is safe, and with the reason when it is lost; never rejects. null: there is
   * nothing to wait for.
   */
  report(failure: Failure<R>): Promise<Error | null> | null
  /** Resolves when there is room for another report; null: there is. */
  room?(): Promise<void> | null
  /** Brings what was reported to its end. */
  close?(): Promise<void>
}

/** The reporters of a task. They are opened when it starts, so that what cannot be opened fails the task. */
export class Reporters<R> {
  readonly #openers: readonly (() => Promise<ErrorReporter<R>>)[]
  readonly #reporters: ErrorReporter<R>[] = []

  constructor(openers: readonly (() => Promise<ErrorReporter<R>>)[]) {
    this.#openers = openers
  }

  get isEmpty(): boolean {
    return this.#openers.length === 0
  }

  async open(): Promise<void> {
    for (const open of this.#openers) this.#reporters.push(await open())
  }

  /** Tells all of them. Resolves when the last is done: with null, or with the first reason for a lost report. */
  report(failure: Failure<R>): Promise<Error | null> | null {
    const waits: Promise<Error | null>[] = []
    for (const reporter of this.#reporters) {
      const safe = reporter.report(failure)
      if (safe !== null) waits.push(safe)
    }
    if (waits.length < 2) return waits[0] ?? null
    return Promise.all(waits).then((lost) => lost.find((error) => error !== null) ?? null)
  }

  /** Resolves when all have room for another report; null: they have. */
  room(): Promise<void> | null {
    const waits: Promise<void>[] = []
    for (const reporter of this.#reporters) {
      const room = reporter.room?.() ?? null
      if (room !== null) waits.push(room)
    }
    return waits.length === 0 ? null : Promise.all(waits).then(() => {})
  }

  /** Closes all, whatever goes wrong with one of them. */
  async close(): Promise<void> {
    const errors: Error[] = []
    for (const reporter of this.#reporters) {
      try {
        await reporter.close?.()
      } catch (error) {
        errors.push(toError(error))
      }
    }
    if (errors.length === 0) return
    throw new ConnectError('Failed to close all reporters', { cause: new AggregateError(errors) })
  }
}
