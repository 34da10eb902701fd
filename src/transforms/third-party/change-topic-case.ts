/**
 * ChangeTopicCase writes the name of the topic in another case.
 *
 * Same settings and results as com.github.jcustenborder.kafka.connect.transform.common.ChangeTopicCase.
 */
import { defineTransform } from '../../index.ts'
import { caseConfig, changeCase } from './case-format.ts'

export const changeTopicCase = defineTransform({
  name: 'com.github.jcustenborder.kafka.connect.transform.common.ChangeTopicCase',
  doc: 'Writes the name of the topic in another case.',
  config: caseConfig('the name of the topic is'),
  create({ from, to }) {
    const rename = changeCase(from, to)
    return {
      apply(record) {
        const topic = rename(record.topic)
        return topic === record.topic ? record : record.with({ topic })
      },
    }
  },
})
