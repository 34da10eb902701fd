/**
 * RegexRouter renames the topic of a record: what the whole topic name matches is replaced.
 *
 * Same settings and results as org.apache.kafka.connect.transforms.RegexRouter.
 */
import { configDef, defineTransform, javaPattern, javaReplacement, string, validRegex } from '../index.ts'

export const regexRouter = defineTransform({
  name: 'org.apache.kafka.connect.transforms.RegexRouter',
  doc: 'Updates the record topic using the configured regular expression and replacement string.',
  config: configDef({
    regex: string({
      importance: 'high',
      validate: validRegex,
      doc: 'Regular expression to use for matching.',
    }),
    replacement: string({ importance: 'high', doc: 'Replacement string.' }),
  }),
  create({ regex, replacement }) {
    const { full, find } = javaPattern(regex)
    const replace = javaReplacement(replacement)
    return {
      apply(record) {
        if (!full.test(record.topic)) return record
        const match = find.exec(record.topic)!
        const topic =
          record.topic.slice(0, match.index) +
          replace(match) +
          record.topic.slice(match.index + match[0].length)
        return record.with({ topic })
      },
    }
  },
})
