import { javaPattern } from '../util/java-pattern.ts'
import type { RawSettings } from './config-def.ts'
import { javaTrim } from '../util/java-trim.ts'
import { javaText } from './java-text.ts'
import { invalidValue } from './parse-value.ts'

export interface TopicsProblem {
  readonly key: 'topics' | 'topics.regex'
  readonly value: string | null
  readonly message: string
}

/** What is wrong with the topics of a sink across its settings, as validation shows it: one entry for each key. */
export function sinkTopicsProblems(settings: RawSettings): TopicsProblem[] {
  const topics = settings['topics'] ?? null
  const regex = settings['topics.regex'] ?? null
  const deadLetters = javaTrim(settings['errors.deadletterqueue.topic.name'] ?? '')
  const hasTopics = topics !== null && topics.trim() !== ''
  const hasRegex = regex !== null && regex.trim() !== ''
  const both = (message: string): TopicsProblem[] => [
    { key: 'topics', value: topics, message },
    { key: 'topics.regex', value: regex, message },
  ]

  const problems: TopicsProblem[] = []
  if (hasTopics && hasRegex) {
    problems.push(...both('topics and topics.regex are mutually exclusive options, but both are set.'))
  }
  if (!hasTopics && !hasRegex) problems.push(...both('Must configure one of topics or topics.regex'))
  if (deadLetters === '') return problems

  const names = topicNames(topics ?? '')
  if (hasTopics && names.includes(deadLetters)) {
    const message = `The DLQ topic '${deadLetters}' may not be included in the list of topics ('topics=${javaText(names)}') consumed by the connector`
    problems.push({ key: 'topics', value: topics, message })
  }
  if (hasRegex && matchesWhole(regex, deadLetters)) {
    const message = `The DLQ topic '${deadLetters}' may not be matched by the regex for the topics ('topics.regex=${regex}') consumed by the connector`
    problems.push({ key: 'topics.regex', value: regex, message })
  }
  return problems
}

/** Throws ConfigError for the first of `sinkTopicsProblems`. */
export function requireSinkTopics(settings: RawSettings): void {
  const [problem] = sinkTopicsProblems(settings)
  if (problem !== undefined) throw invalidValue(problem.key, problem.value, problem.message)
}

/** The names in a list of topics: without blanks, empty ones and doubles. */
export function topicNames(topics: string): readonly string[] {
  return [...new Set(topics.split(',').map((name) => javaTrim(name)))].filter((name) => name !== '')
}

function matchesWhole(regex: string, text: string): boolean {
  try {
    return javaPattern(javaTrim(regex)).full.test(text)
  } catch {
    // Its own validator speaks about a broken expression.
    return false
  }
}
