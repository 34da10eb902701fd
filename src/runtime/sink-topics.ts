import type { Props } from '../api/plugin.ts'
import { topicNames } from '../config/sink-topics.ts'
import { ConfigError, toError } from '../errors.ts'
import { javaPattern } from '../util/java-pattern.ts'

/** What a sink subscribes to: `topics` without blanks and doubles, or the pattern `topics.regex`. */
export function subscribedTopics(props: Props): readonly string[] | RegExp {
  const regex = props['topics.regex']?.trim() ?? ''
  if (regex === '') return topicNames(props['topics'] ?? '')
  try {
    return javaPattern(regex).full
  } catch (cause) {
    throw new ConfigError(
      `Invalid value ${regex} for configuration topics.regex: ${toError(cause).message}`,
      {
        key: 'topics.regex',
        cause,
      },
    )
  }
}
