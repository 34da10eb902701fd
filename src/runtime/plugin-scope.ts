import { AsyncLocalStorage } from 'node:async_hooks'

/** The task or connector in whose code something happens, and the way to fail it from outside its own calls. */
export interface PluginScope {
  /** For messages: `task files-0`, `connector files`. */
  readonly owner: string
  fail(error: Error): void
}

const storage = new AsyncLocalStorage<PluginScope>()

/** Everything that `body` starts, timers and sockets included, is known to belong to the scope. */
export function inScope<T>(scope: PluginScope, body: () => T): T {
  return storage.run(scope, body)
}

/** Also answers inside handlers of uncaughtException and unhandledRejection. */
export function currentScope(): PluginScope | undefined {
  return storage.getStore()
}

/** Leaves the scope: for what a plugin only happens to set off. */
export function outsideScopes<T>(body: () => T): T {
  return storage.exit(body)
}
