import { mkdirSync } from 'node:fs'
import { freePort } from '../support/free-port.ts'
import { KafkaBroker } from '../support/kafka-broker.ts'
import type { Lab } from './lab.ts'

/** Several brokers of Apache Kafka that replicate each other; any of them may go, as long as most are there. */
export class KafkaCluster {
  /** Node ids count from 1. */
  readonly nodes: readonly KafkaBroker[]

  static async start(lab: Lab, size: number): Promise<KafkaCluster> {
    const ports = await Promise.all(Array.from({ length: 2 * size }, () => freePort()))
    const controllers = ports.slice(size)
    const replicas = String(size)
    const shared = {
      'controller.quorum.voters': controllers.map((port, i) => `${i + 1}@127.0.0.1:${port}`).join(),
      'offsets.topic.replication.factor': replicas,
      'transaction.state.log.replication.factor': replicas,
      // One that was killed is noticed soon, and its partitions get another leader.
      'broker.session.timeout.ms': '2000',
      'broker.heartbeat.interval.ms': '300',
    }
    const nodes = controllers.map((controller, i) => {
      const folder = lab.path(`node-${i + 1}`)
      mkdirSync(folder)
      return new KafkaBroker(folder, ports[i]!, controller, { ...shared, 'node.id': String(i + 1) })
    })
    for (const node of nodes) lab.onClose(() => node.stop('SIGKILL'))
    // A node is ready only when most of them are there.
    await Promise.all(nodes.map((node) => node.start()))
    lab.broker = nodes[0]!
    return new KafkaCluster(nodes)
  }

  private constructor(nodes: readonly KafkaBroker[]) {
    this.nodes = nodes
  }

  get addresses(): readonly string[] {
    return this.nodes.map(({ port }) => `127.0.0.1:${port}`)
  }
}
