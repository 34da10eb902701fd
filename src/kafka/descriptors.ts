import { performance } from 'node:perf_hooks'
import type { Logger } from '../util/logger.ts'

/** All clients of a process run out together: one line in so long is enough. */
const silenceMs = 10 * 60_000
let saidAt = -Infinity

export function isOutOfDescriptors(error: Error & { code?: unknown }): boolean {
  return error.code === 'EMFILE' || error.code === 'ENFILE'
}

/** Says what is missing and how much there is of it, once for all clients of the process. */
export function descriptorsRanOut(log: Logger, address: string): void {
  const now = performance.now()
  if (now - saidAt < silenceMs) return
  saidAt = now
  const limit = descriptorLimit()
  log.error(
    `File descriptors have run out${limit === null ? '' : `: this process may have ${limit} open`}. ` +
      `There is none for a connection to ${address}, and none for other connections and files. A worker needs about ` +
      '25, and every task about 3 where there is one broker, more where there are several. ' +
      'Raise the limit (ulimit -n) and start again; until then it is tried again.',
  )
}

/** null: not known. Asking for it takes no descriptor. */
function descriptorLimit(): number | null {
  // The names of all peers would be looked up.
  const report = Object.assign(process.report, { excludeNetwork: true }).getReport() as {
    userLimits?: { open_files?: { soft?: number | 'unlimited' } }
  }
  const limit = report.userLimits?.open_files?.soft
  return typeof limit === 'number' ? limit : null
}
