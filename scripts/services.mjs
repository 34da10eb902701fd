// What the integration tests talk to, made when it is missing: Apache Kafka out of Maven jars, kcat out of the
// system's packages, franz-go with Go. Whatever cannot be had is said aloud, and the tests that need it skip themselves.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { root } from './ensure.mjs'

const kafkaVersion = '4.1.1'

export async function startServices() {
  ensureKcat()
  const franz = franzGo()
  const clients = franz === null ? {} : { TSCONNECT_FRANZ_GO: franz }
  const libs = kafkaLibs()
  if (libs === null) return { env: clients, stop: async () => {} }
  const kafka = await startKafka(libs)
  const bootstrap = kafka === null ? {} : { TSCONNECT_KAFKA_BOOTSTRAP: kafka.bootstrap }
  return {
    env: { ...clients, TSCONNECT_KAFKA_LIBS: libs, ...bootstrap },
    stop: async () => kafka?.stop(),
  }
}

/** Whether there is kcat, installed just now where that can be done. */
export function ensureKcat() {
  if (has('kcat', ['-V'])) return true
  if (process.getuid?.() !== 0 || !has('apt-get', ['--version'])) {
    console.error('SKIPPED: kcat is not installed, and this user cannot install it (apt-get install kcat).')
    return false
  }
  console.error('Installing kcat ...')
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const apt = (...args) =>
    spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'inherit'] }).status === 0
  const install = () => apt('install', '-y', '-qq', '--no-install-recommends', 'kcat')
  if (install() || (apt('update', '-qq') && install())) return true
  console.error('SKIPPED: kcat could not be installed.')
  return false
}

/** The program of test/integration/support/franz-go, or null. Built again when its sources are others. */
export function franzGo() {
  const given = process.env.TSCONNECT_FRANZ_GO
  if (given) return given
  const sources = join(root, 'test/integration/support/franz-go')
  const hash = createHash('sha256')
  for (const name of readdirSync(sources).sort()) hash.update(readFileSync(join(sources, name)))
  const program = join(cache(), `franz-go-${hash.digest('hex').slice(0, 12)}`)
  if (existsSync(program)) return program
  if (!has('go', ['version'])) {
    console.error('SKIPPED: the checks with franz-go, because there is no go.')
    return null
  }
  console.error('Building the checks with franz-go ...')
  mkdirSync(cache(), { recursive: true })
  // Only a program that is whole gets the name.
  const unfinished = `${program}.${process.pid}`
  const options = { cwd: sources, stdio: ['ignore', 'inherit', 'inherit'] }
  const built = spawnSync('go', ['build', '-trimpath', '-buildvcs=false', '-o', unfinished, '.'], options)
  if (built.status !== 0) {
    console.error('SKIPPED: the checks with franz-go, because Go could not build them.')
    return null
  }
  renameSync(unfinished, program)
  return program
}

/** A folder with the jars of Apache Kafka, or null. Kept between runs in the user's cache. */
export function kafkaLibs() {
  if (!has('java', ['-version'])) {
    console.error('SKIPPED: everything that needs Apache Kafka, because there is no java.')
    return null
  }
  const given = process.env.TSCONNECT_KAFKA_LIBS
  if (given) return given
  const folder = join(cache(), `kafka-${kafkaVersion}`)
  if (existsSync(join(folder, '.complete'))) return folder
  if (!has('mvn', ['-v'])) {
    console.error(
      'SKIPPED: everything that needs Apache Kafka, because there is no mvn to fetch its jars with.',
    )
    return null
  }
  console.error(`Fetching Apache Kafka ${kafkaVersion} with Maven ...`)
  mkdirSync(folder, { recursive: true })
  const pom = join(root, 'test/integration/support/kafka-pom.xml')
  const args = [
    '-q',
    '-B',
    '-ntp',
    '-f',
    pom,
    `-Dkafka.version=${kafkaVersion}`,
    'dependency:copy-dependencies',
  ]
  const fetched = spawnSync('mvn', [...args, `-DoutputDirectory=${folder}`], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (fetched.status !== 0 || readdirSync(folder).length === 0) {
    console.error('SKIPPED: everything that needs Apache Kafka, because Maven could not fetch its jars.')
    return null
  }
  writeFileSync(join(folder, '.complete'), '')
  return folder
}

/** What is kept between runs. */
function cache() {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tsconnect')
}

/**
 * A folder with rsyslog and syslog-ng for the benchmarks, or null: Debian's packages, unpacked and not installed, because
 * the two exclude each other. Kept between runs in the user's cache.
 */
export function shippers() {
  const folder = join(cache(), 'shippers')
  if (existsSync(join(folder, '.complete'))) return folder
  const packages = {
    'rsyslog': ['rsyslog', 'rsyslog-kafka', 'libestr0', 'libfastjson4', 'liblognorm5'],
    'syslog-ng': ['syslog-ng-core', 'syslog-ng-mod-rdkafka', 'libivykis0', 'libnet1', 'libpcre3'],
  }
  console.error('Fetching rsyslog and syslog-ng ...')
  for (const [name, wanted] of Object.entries(packages)) {
    const into = join(folder, name)
    mkdirSync(into, { recursive: true })
    const stdio = ['ignore', 'ignore', 'inherit']
    const fetched = spawnSync('apt-get', ['-qq', 'download', ...wanted], { cwd: into, stdio }).status === 0
    const files = fetched ? readdirSync(into).filter((file) => file.endsWith('.deb')) : []
    const isUnpacked = files.every((file) => spawnSync('dpkg', ['-x', file, '.'], { cwd: into }).status === 0)
    if (files.length < wanted.length || !isUnpacked) {
      console.error('SKIPPED: rsyslog and syslog-ng could not be fetched from the packages of the system.')
      return null
    }
  }
  writeFileSync(join(folder, '.complete'), '')
  return folder
}

/** One KRaft node on free loopback ports. */
async function startKafka(libs) {
  const folder = mkdtempSync(join(tmpdir(), 'tsconnect-kafka-'))
  const [port, controller] = [await freePort(), await freePort()]
  const properties = join(folder, 'server.properties')
  writeFileSync(
    properties,
    `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controller}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=PLAINTEXT
log.dirs=${join(folder, 'data')}
num.partitions=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
group.initial.rebalance.delay.ms=0
`,
  )
  const log4j = join(root, 'test/integration/support/log4j2.xml')
  const java = ['-cp', join(libs, '*'), `-Dlog4j2.configurationFile=${log4j}`]
  const format = [
    ...java,
    'kafka.tools.StorageTool',
    'format',
    '-t',
    'AAAAAAAAQACAAAAAAAAAAQ',
    '-c',
    properties,
  ]
  spawnSync('java', format, { stdio: 'ignore' })
  const logFile = join(folder, 'broker.log')
  const out = openSync(logFile, 'a')
  const child = spawn('java', ['-Xmx768m', ...java, 'kafka.Kafka', properties], {
    stdio: ['ignore', out, out],
  })
  const exited = new Promise((resolve) => child.once('exit', resolve))
  const stop = async () => {
    child.kill('SIGTERM')
    await Promise.race([exited, delay(15_000)])
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
  for (
    const deadline = Date.now() + 120_000;
    Date.now() < deadline && child.exitCode === null;
    await delay(100)
  ) {
    if (readFileSync(logFile, 'utf8').includes('Kafka Server started'))
      return { bootstrap: `127.0.0.1:${port}`, stop }
  }
  console.error(
    `SKIPPED: everything that needs Apache Kafka, because it did not start:\n${readFileSync(logFile, 'utf8').slice(-2000)}`,
  )
  await stop()
  return null
}

function has(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).error === undefined
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}
