import { ConnectError, toError } from '../errors.ts'
import { currentScope } from '../runtime/plugin-scope.ts'
import type { Logger } from '../util/logger.ts'

/**
 * Makes the mistakes of a plugin its own: what it throws in a later tick, rejects without anybody listening, or
 * its call of process.exit fail its task or connector, and the worker goes on. Returns the end of the guard.
 */
export function guardProcess(log: Logger): () => void {
  const exit = process.exit
  process.exit = ((code?: number | string | null) => {
    const scope = currentScope()
    // An argument, even an undefined one, would take the place of process.exitCode.
    if (scope === undefined) return code === undefined ? exit.call(process) : exit.call(process, code)
    const error = new ConnectError(
      `The code of ${scope.owner} called process.exit(${code ?? ''}). The worker goes on without it.`,
    )
    scope.fail(error)
    throw error
  }) as typeof process.exit

  const thrown = (error: unknown) => blame(error, 'threw an exception that nobody caught')
  const rejected = (reason: unknown) => blame(reason, 'rejected a promise that nobody listened to')
  const blame = (what: unknown, how: string) => {
    const scope = currentScope()
    if (scope === undefined) {
      log.error(`Something ${how}. The worker goes on.`, what)
      return
    }
    const error = toError(what)
    scope.fail(new ConnectError(`The code of ${scope.owner} ${how}: ${error.message}`, { cause: error }))
  }
  process.on('uncaughtException', thrown)
  process.on('unhandledRejection', rejected)
  return () => {
    process.exit = exit
    process.off('uncaughtException', thrown)
    process.off('unhandledRejection', rejected)
  }
}
