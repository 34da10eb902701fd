import { describe, expect, test } from 'vitest'
import type { ConfigError } from '../../../src/errors.ts'
import { checkSourceDeadLetters } from '../../../src/runtime/errors/source-dead-letter-settings.ts'

const letters = { 'errors.deadletterqueue.topic.name': 'dead' }
const override = { 'admin.override.bootstrap.servers': 'elsewhere:9092' }
const policy = (name: string) => ({ 'connector.client.config.override.policy': name })

function problem(worker: Record<string, string>, connector: Record<string, string>): string | null {
  try {
    checkSourceDeadLetters(worker, connector)
    return null
  } catch (error) {
    return `${(error as ConfigError).key}: ${(error as Error).message}`
  }
}

describe('dead letters of a source', () => {
  test('may not go around the policy for overrides', () => {
    expect(problem(policy('Principal'), { ...letters, ...override })).toBe(
      "admin.override.bootstrap.servers: The 'Principal' policy does not allow 'bootstrap.servers' to be overridden in the connector configuration.",
    )
    expect(problem({}, { ...letters, ...override })).toBeNull()
    expect(problem(policy('None'), override)).toBeNull()
    expect(problem(policy('None'), letters)).toBeNull()
  })

  test('have settings of the right type', () => {
    const factor = 'errors.deadletterqueue.topic.replication.factor'
    expect(problem({}, { [factor]: 'three' })).toBe(
      `${factor}: Invalid value three for configuration ${factor}: Not a number of type SHORT`,
    )
  })
})
