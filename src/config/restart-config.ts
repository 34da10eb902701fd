import type { BackoffSettings } from '../util/backoff.ts'
import { configDef } from './config-def.ts'
import { longNumber, string } from './fields.ts'
import { atLeast, oneOf } from './validators.ts'

/**
 * Which failed tasks start again by themselves, and when. Kafka Connect has no such settings: it leaves a
 * failed task to its operator.
 */
export const restartConfig = configDef({
  'errors.restart.policy': string({
    importance: 'medium',
    default: 'retriable',
    validate: oneOf('retriable', 'all', 'none'),
    doc:
      'Which failed tasks the worker starts again by itself: those whose cause is expected to pass (retriable), ' +
      'all of them, or none, as in Kafka Connect.',
  }),
  'errors.restart.backoff.initial.ms': longNumber({
    importance: 'low',
    default: 500,
    validate: atLeast(1),
    doc: 'The longest pause before the first restart of a failed task. It doubles with every further one.',
  }),
  'errors.restart.backoff.max.ms': longNumber({
    importance: 'low',
    default: 4000,
    validate: atLeast(1),
    doc: 'The longest pause before any restart of a failed task.',
  }),
})

export type RestartSettings = ReturnType<typeof restartConfig.parse>

export function restartBackoff(settings: RestartSettings): BackoffSettings {
  return {
    initialMs: settings['errors.restart.backoff.initial.ms'],
    maxMs: settings['errors.restart.backoff.max.ms'],
  }
}
