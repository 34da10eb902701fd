import { Environment, serialize, type ASTNode } from '@marcbachmann/cel-js'
import { ConfigError, DataError, type ConnectRecord } from '../index.ts'
import { missingAsNull, usedFields, type UsedFields } from './cel-expression.ts'
import { plainHeaders, plainPart, plainValue } from './plain-values.ts'

/**
 * Compiles an expression in the Common Expression Language over the parts of a record. Throws ConfigError for text that
 * is none or does not give a boolean; the function throws DataError for a record on which it fails.
 */
export function compileCondition(condition: string): (record: ConnectRecord) => boolean {
  const ast = parsed(condition)
  const evaluate = environment.parse(serialize(missingAsNull(ast)))
  const used = usedFields(ast)

  return (record) => {
    let result: unknown
    try {
      result = evaluate(presented(record, used))
    } catch (cause) {
      throw failure(condition, record, `failed: ${messageOf(cause)}`, cause)
    }
    if (typeof result === 'boolean') return result
    throw failure(condition, record, 'gave neither true nor false')
  }
}

// Optional access (`a.?b`) is what missingAsNull reads a field by.
const environment = new Environment({ homogeneousAggregateLiterals: false, enableOptionalTypes: true })
  .registerVariable('key', 'dyn')
  .registerVariable('value', 'dyn')
  .registerVariable('headers', 'dyn')
  .registerVariable('topic', 'string')
  .registerVariable('partition', 'dyn')
  .registerVariable('timestamp', 'dyn')

function parsed(condition: string): ASTNode {
  try {
    const { ast, check } = environment.parse(condition)
    const { valid, error, type } = check()
    if (!valid) throw error ?? new Error('it does not fit together')
    if (type !== 'bool' && type !== 'dyn') throw new Error(`it gives ${type}, not bool`)
    return ast
  } catch (cause) {
    throw new ConfigError(`Invalid value ${condition} for configuration condition: ${messageOf(cause)}`, {
      key: 'condition',
      cause,
    })
  }
}

/** The record as an expression sees it: no more of it than is asked for. */
function presented(record: ConnectRecord, used: UsedFields): Record<string, unknown> {
  const context: Record<string, unknown> = { topic: record.topic }
  for (const part of ['key', 'value'] as const) {
    const fields = used.get(part)
    if (fields !== undefined) context[part] = plainPart(record[part], fields)
  }
  if (used.has('headers')) context['headers'] = plainHeaders(record.headers)
  context['partition'] = plainValue(record.partition)
  context['timestamp'] = plainValue(record.timestamp)
  return context
}

function failure(condition: string, record: ConnectRecord, problem: string, cause?: unknown): DataError {
  const where = record.partition === null ? '' : `, partition ${record.partition}`
  return new DataError(
    `The condition '${condition}' of Filter ${problem} (record of topic ${record.topic}${where})`,
    cause === undefined ? undefined : { cause },
  )
}

/** The message without the drawing of where in the text it went wrong. */
function messageOf(error: unknown): string {
  if (error instanceof Error) return 'summary' in error ? String(error.summary) : error.message
  return String(error)
}
