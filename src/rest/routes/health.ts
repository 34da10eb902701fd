import type { Herder, TaskHealth } from '../herder.ts'
import type { Route } from '../router.ts'
import { ok, unknownConnector } from './answers.ts'

/** How connectors fail and heal; Kafka Connect has nothing like it, so its `/status` stays as it is. */
export function healthRoutes(herder: Herder): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/connectors/{name}/health',
      handle({ params }) {
        const name = params['name']!
        const found = herder.connectorHealth(name)
        if (found === null) throw unknownConnector(name)
        const isHealthy =
          found.state !== 'FAILED' &&
          found.tasks.every(({ state, failingSince }) => state !== 'FAILED' && failingSince === null)
        return ok({ name, healthy: isHealthy, state: found.state, tasks: found.tasks.map(taskBody) })
      },
    },
  ]
}

function taskBody({
  id,
  state,
  lastError,
  failingSince,
  restarts,
  nextRestart,
  position,
  errors,
}: TaskHealth) {
  return {
    id,
    state,
    position,
    failing_since: time(failingSince),
    restarts,
    next_restart: time(nextRestart),
    last_error:
      lastError === null
        ? null
        : { class: lastError.class, message: lastError.message, at: time(lastError.at) },
    errors,
  }
}

function time(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}
