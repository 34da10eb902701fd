import { RestError } from '../errors.ts'
import type { Herder } from '../herder.ts'
import type { Route } from '../router.ts'
import { accepted, ok } from './answers.ts'

export interface TopicTracking {
  readonly isEnabled: boolean
  readonly isResetAllowed: boolean
}

/** The topics that connectors have used. */
export function topicRoutes(herder: Herder, { isEnabled, isResetAllowed }: TopicTracking): readonly Route[] {
  const checkEnabled = () => {
    if (!isEnabled) throw new RestError(403, 'Topic tracking is disabled.')
  }
  return [
    {
      method: 'GET',
      path: '/connectors/{name}/topics',
      handle({ params }) {
        checkEnabled()
        const name = params['name']!
        return ok({ [name]: { topics: herder.activeTopics(name) } })
      },
    },
    {
      method: 'PUT',
      path: '/connectors/{name}/topics/reset',
      handle({ params }) {
        checkEnabled()
        if (!isResetAllowed) throw new RestError(403, 'Topic tracking reset is disabled.')
        herder.resetActiveTopics(params['name']!)
        return accepted
      },
    },
  ]
}
