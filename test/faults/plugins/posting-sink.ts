import { configDef, defineSinkConnector, type SinkRecord, type SinkTask, string } from '../../../src/index.ts'

/** Posts every batch as a JSON list of texts; a single record that is refused with 400 is reported, where it can be. */
export const postingSink = defineSinkConnector({
  name: 'PostingSink',
  config: configDef({ url: string({ importance: 'high', doc: 'Where to post.' }) }),
  startTask: ({ url }, context): SinkTask => ({
    async put(records, cancelled) {
      if (records.length === 0) return
      const refused = await post(url, records, cancelled)
      const reporter = context.errantRecordReporter()
      if (refused === null) return
      if (reporter === null || refused.status !== 400) throw refused
      for (const record of records) {
        const error = await post(url, [record], cancelled)
        if (error?.status === 400) void reporter.report(record, error)
        else if (error !== null) throw error
      }
    },
  }),
})

class RefusedError extends Error {
  override name = 'RefusedError'
  readonly status: number

  constructor(message: string, status: number) {
    super(message)
    this.status = status
  }
}

async function post(
  url: string,
  records: readonly SinkRecord[],
  signal: AbortSignal,
): Promise<RefusedError | null> {
  const body = JSON.stringify(records.map(({ value }) => value.value))
  const { ok, status } = await fetch(url, { method: 'POST', body, signal })
  return ok ? null : new RefusedError(`${url} answered ${records.length} records with ${status}.`, status)
}
