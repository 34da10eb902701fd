import { expect, onTestFinished, test } from 'vitest'
import { kafkaClients } from '../../src/kafka/kafkajs-clients.ts'
import { silentLogger } from '../../src/util/logger.ts'
import { openBroker } from '../broker/open-broker.ts'

async function openAdmin() {
  const broker = await openBroker()
  const admin = kafkaClients().admin({ 'bootstrap.servers': `127.0.0.1:${broker.port}` }, silentLogger)
  onTestFinished(() => admin.close())
  const create = (name: string) =>
    admin.createTopic({ name, partitions: 2, replicationFactor: 1, configs: {} })
  return { admin, create }
}

test('a topic that is deleted is gone, and can be made again', async () => {
  const { admin, create } = await openAdmin()
  await create('kept')
  await create('gone')
  expect(await admin.deleteTopic('gone')).toBe(true)
  expect(await admin.listTopics()).toEqual(['kept'])
  expect(await admin.deleteTopic('gone')).toBe(false)
  expect(await create('gone')).toBe(true)
})

test('groups are listed with their states, until they are deleted', async () => {
  const { admin, create } = await openAdmin()
  await create('t')
  expect(await admin.listGroups()).toEqual([])
  for (const group of ['a', 'b'])
    await admin.alterConsumerGroupOffsets(group, [{ topic: 't', partition: 1, offset: 0 }])
  const listed = await admin.listGroups()
  expect(listed.map(({ group }) => group).sort()).toEqual(['a', 'b'])
  expect(listed.map(({ state }) => state)).toEqual(['Empty', 'Empty'])
  await admin.deleteConsumerGroup('a')
  expect((await admin.listGroups()).map(({ group }) => group)).toEqual(['b'])
})
