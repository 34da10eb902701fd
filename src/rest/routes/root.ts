import { within } from '../../util/within.ts'
import type { Herder } from '../herder.ts'
import type { Route } from '../router.ts'

/** What the worker says of itself. As long as `healthTimeoutMs`, /health waits for a sign of life. */
export function rootRoutes(herder: Herder, healthTimeoutMs = 10_000): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/',
      handle: () => ({
        status: 200,
        body: { version: herder.version, commit: herder.commit, kafka_cluster_id: herder.clusterId },
      }),
    },
    {
      method: 'GET',
      path: '/health',
      async handle() {
        const isAlive = await within(healthTimeoutMs, herder.whenIdle())
        if (isAlive) {
          return health(200, 'healthy', 'Worker has completed startup and is ready to handle requests.')
        }
        if (!herder.isReady) return health(503, 'starting', 'Worker is still starting up.')
        return health(
          500,
          'unhealthy',
          'Worker was unable to handle this request and may be unable to handle other requests.',
        )
      },
    },
  ]
}

function health(status: number, text: string, message: string) {
  return { status, body: { status: text, message } }
}
