import { ConfigError } from '../../errors.ts'

/** The command cannot be what was meant; nothing was done. */
export class UsageError extends Error {
  override name = 'UsageError'
}

/** What is answered with exit code 2: a slip in the command, in its settings, or in the name of a file. */
export function isUsage(error: Error): boolean {
  return error instanceof UsageError || error instanceof ConfigError || isWrongFile(error)
}

/** Whether the system cannot open a file under the name that was given. */
export function isWrongFile({ code = '' }: NodeJS.ErrnoException): boolean {
  return ['ENOENT', 'ENOTDIR', 'EACCES', 'EISDIR'].includes(code)
}
