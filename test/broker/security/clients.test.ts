import { Kafka, logLevel, type KafkaConfig } from 'kafkajs'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { ClientSettings } from '../../../src/kafka/client.ts'
import { kafkaClients } from '../../../src/kafka/kafkajs-clients.ts'
import { silentLogger } from '../../../src/util/logger.ts'
import { saslMechanisms, type SaslMechanism } from '../../../src/broker/security/authenticator.ts'
import { openSecured, pem, pemPath, tls, users } from './secured.ts'

const protocols = ['SASL_PLAINTEXT', 'SASL_SSL'] as const
const broken = [
  { what: 'a wrong password', user: 'ann', password: 'guess' },
  { what: 'an unknown user', user: 'nobody', password: users.ann },
]

interface Identity {
  readonly protocol: (typeof protocols)[number]
  readonly mechanism: SaslMechanism
  readonly user: string
  readonly password: string
}

const open = (protocol: string) =>
  openSecured({ sasl: { users }, ...(protocol === 'SASL_SSL' ? { tls } : {}) })

function settingsOf(port: number, { protocol, mechanism, user, password }: Identity): ClientSettings {
  const module = mechanism === 'PLAIN' ? 'plain.PlainLoginModule' : 'scram.ScramLoginModule'
  return {
    'bootstrap.servers': `127.0.0.1:${port}`,
    'security.protocol': protocol,
    'sasl.mechanism': mechanism,
    'sasl.jaas.config': `org.apache.kafka.common.security.${module} required username="${user}" password="${password}";`,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': pemPath('servers-ca'),
  }
}

function kafkajsOf(port: number, { protocol, mechanism, user, password }: Identity): Kafka {
  const sasl = { mechanism: mechanism.toLowerCase(), username: user, password } as KafkaConfig['sasl']
  return new Kafka({
    brokers: [`127.0.0.1:${port}`],
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
    sasl: sasl!,
    ...(protocol === 'SASL_SSL' ? { ssl: { ca: pem('servers-ca') } } : {}),
  })
}

describe('our client', () => {
  for (const protocol of protocols) {
    for (const mechanism of saslMechanisms) {
      for (const [user, password] of Object.entries(users)) {
        test(`writes and reads over ${protocol} with ${mechanism} as ${user}`, async () => {
          const { broker } = await open(protocol)
          const settings = settingsOf(broker.port, { protocol, mechanism, user, password })
          expect(await sendAndRead(settings)).toEqual(['first', 'second'])
        })
      }
    }
  }

  for (const mechanism of saslMechanisms) {
    for (const { what, ...who } of broken) {
      test(`is told at once that it has ${what} with ${mechanism}`, async () => {
        const { broker } = await open('SASL_PLAINTEXT')
        const settings = settingsOf(broker.port, { protocol: 'SASL_PLAINTEXT', mechanism, ...who })
        const admin = kafkaClients().admin(settings, silentLogger)
        onTestFinished(() => admin.close())
        await expect(admin.listTopics()).rejects.toMatchObject({ code: 'SASL_AUTHENTICATION_FAILED' })
      })
    }
  }
})

describe('kafkajs', () => {
  for (const protocol of protocols) {
    for (const mechanism of saslMechanisms) {
      test(`logs in over ${protocol} with ${mechanism}`, async () => {
        const { broker } = await open(protocol)
        for (const [user, password] of Object.entries(users)) {
          const admin = kafkajsOf(broker.port, { protocol, mechanism, user, password }).admin()
          await admin.connect()
          onTestFinished(() => admin.disconnect())
          await admin.createTopics({ topics: [{ topic: `of-${user.length}` }] })
        }
      })

      for (const { what, ...who } of broken) {
        test(`does not with ${what} over ${protocol} with ${mechanism}`, async () => {
          const { broker } = await open(protocol)
          const admin = kafkajsOf(broker.port, { protocol, mechanism, ...who }).admin()
          onTestFinished(() => admin.disconnect())
          await expect(admin.connect()).rejects.toThrow('wrong user name or password')
        })
      }
    }
  }
})

async function sendAndRead(settings: ClientSettings): Promise<string[]> {
  const clients = kafkaClients()
  const failures: Error[] = []
  const producer = clients.producer(
    settings,
    { acknowledged: () => {}, failed: (_, error) => failures.push(error) },
    silentLogger,
  )
  onTestFinished(() => producer.close(0))
  for (const value of ['first', 'second']) {
    const record = { topic: 't', partition: 0, timestamp: null, key: null, headers: null }
    producer.send({ ...record, value: Buffer.from(value) }, value)
  }
  await producer.flush()
  expect(failures).toEqual([])
  const reading = { ...settings, 'group.id': 'g', 'auto.offset.reset': 'earliest' }
  const consumer = clients.consumer(reading, silentLogger)
  onTestFinished(() => consumer.close(1000))
  const nothing = async () => {}
  consumer.subscribe(['t'], { assigned: nothing, revoked: nothing, lost: nothing })
  const values: string[] = []
  while (values.length < 2) for (const { value } of await consumer.poll(50)) values.push(value!.toString())
  return values
}
