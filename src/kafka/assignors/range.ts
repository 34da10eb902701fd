import { emptyAssignment, inJavaOrder } from './assignor.ts'
import type { Assignor } from './assignor.ts'

/** Per topic: the partitions in a row, cut into pieces of equal size, the first members getting one more. */
export const rangeAssignor: Assignor = {
  name: 'range',
  javaClass: 'org.apache.kafka.clients.consumer.RangeAssignor',
  isCooperative: false,
  userData: () => null,
  assign(partitionCounts, members) {
    const assignment = emptyAssignment(members)
    for (const [topic, count] of partitionCounts) {
      const takers = inJavaOrder(members.filter((member) => member.topics.includes(topic)))
      const each = Math.floor(count / takers.length)
      const extra = count % takers.length
      let partition = 0
      takers.forEach(({ memberId }, i) => {
        const last = partition + each + (i < extra ? 1 : 0)
        for (; partition < last; partition++) assignment.get(memberId)!.push({ topic, partition })
      })
    }
    return assignment
  },
}
