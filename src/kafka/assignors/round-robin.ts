import { compare, emptyAssignment, inJavaOrder } from './assignor.ts'
import type { Assignor } from './assignor.ts'

/** All partitions of all topics in order, dealt to the members in turn. */
export const roundRobinAssignor: Assignor = {
  name: 'roundrobin',
  javaClass: 'org.apache.kafka.clients.consumer.RoundRobinAssignor',
  isCooperative: false,
  userData: () => null,
  assign(partitionCounts, members) {
    const assignment = emptyAssignment(members)
    const order = inJavaOrder(members)
    let turn = 0
    for (const topic of [...partitionCounts.keys()].sort(compare)) {
      if (!members.some((member) => member.topics.includes(topic))) continue
      for (let partition = 0; partition < partitionCounts.get(topic)!; partition++) {
        while (!order[turn % order.length]!.topics.includes(topic)) turn++
        assignment.get(order[turn++ % order.length]!.memberId)!.push({ topic, partition })
      }
    }
    return assignment
  },
}
