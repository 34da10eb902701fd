/** The command cannot be what was meant; nothing was done. */
export class UsageError extends Error {
  override name = 'UsageError'
}
