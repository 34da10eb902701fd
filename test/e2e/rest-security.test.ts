import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { freePort } from '../support/free-port.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { WorkerProcess, workerFile } from '../support/worker-process.ts'

test("Kafka Connect's settings of passwords, origins, headers and admin listeners have their effect", async () => {
  const folder = tempFolder()
  const [restPort, adminPort, brokerPort] = [await freePort(), await freePort(), await freePort()]
  const [users, jaas] = [join(folder, 'users.properties'), join(folder, 'jaas.conf')]
  writeFileSync(users, 'ann=secret\n')
  const module = 'org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule'
  writeFileSync(jaas, `KafkaConnect { ${module} required file="${users}"; };`)
  const file = workerFile(folder, {
    'bootstrap': `127.0.0.1:${brokerPort}`,
    restPort,
    'admin.listeners': `http://127.0.0.1:${adminPort}`,
    'access.control.allow.origin': 'http://ui.example',
    'response.http.headers.config': 'set X-Frame-Options: DENY',
    'rest.extension.classes':
      'org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension',
  })
  const env = { KAFKA_OPTS: `-Xmx1g -Djava.security.auth.login.config=${jaas}` }
  await WorkerProcess.start(['--embedded-broker', file], { env }).whenReady()

  const get = async (port: number, path: string, headers: Record<string, string> = {}) => {
    const { status, headers: found } = await fetch(`http://127.0.0.1:${port}${path}`, { headers })
    return [status, found.get('X-Frame-Options'), found.get('Access-Control-Allow-Origin')]
  }
  const asAnn = { Authorization: `Basic ${Buffer.from('ann:secret').toString('base64')}` }
  const origin = { Origin: 'http://ui.example' }
  expect(await get(restPort, '/connectors')).toEqual([401, 'DENY', null])
  expect(await get(restPort, '/connectors', { ...asAnn, ...origin })).toEqual([
    200,
    'DENY',
    'http://ui.example',
  ])
  expect(await get(restPort, '/admin/loggers', asAnn)).toEqual([404, 'DENY', null])
  expect(await get(adminPort, '/admin/loggers', origin)).toEqual([200, null, null])
})
