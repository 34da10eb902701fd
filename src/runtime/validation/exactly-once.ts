import type { Props } from '../../api/plugin.ts'
import type { SourceConnector } from '../../api/source.ts'
import { toError } from '../../errors.ts'
import { javaTrim } from '../../util/java-trim.ts'

export function isExactlyOnce(workerProps: Props): boolean {
  return javaTrim(workerProps['exactly.once.source.support'] ?? '').toLowerCase() === 'enabled'
}

/**
 * What a source connector's settings ask of transactions and cannot have (Connect's DistributedHerder). Without
 * transactions the settings have no effect, as in a standalone worker of Kafka Connect.
 */
export function exactlyOnceProblems(
  plugin: SourceConnector,
  workerProps: Props,
  props: Props,
): { readonly key: string; readonly message: string }[] {
  if (!isExactlyOnce(workerProps)) return []
  const asked = (key: string) => javaTrim(props[key] ?? '').toLowerCase()
  const problems: { key: string; message: string }[] = []
  const check = (key: string, problem: () => string | null) => {
    try {
      const message = problem()
      if (message !== null) problems.push({ key, message })
    } catch (error) {
      problems.push({ key, message: `The connector could not be asked: ${toError(error).message}` })
    }
  }
  if (asked('exactly.once.support') === 'required') {
    check('exactly.once.support', () => {
      const support = plugin.exactlyOnceSupport?.(props) ?? null
      if (support === 'supported') return null
      return support === 'unsupported'
        ? 'The connector does not support exactly-once semantics with this configuration.'
        : 'The connector does not say whether it supports exactly-once semantics. Find out from its documentation; ' +
            'with the value requested it is not asked.'
    })
  }
  if (asked('transaction.boundary') === 'connector') {
    check('transaction.boundary', () =>
      plugin.canDefineTransactionBoundaries?.(props) === 'supported'
        ? null
        : 'The connector does not define boundaries of transactions with this configuration; poll or interval can be used.',
    )
  }
  return problems
}
