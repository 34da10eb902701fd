import { onTestFinished } from 'vitest'
import { Broker } from '../../src/broker/broker.ts'
import { guardProcess } from '../../src/cli/process-guard.ts'
import { startWorker } from '../../src/cli/start-worker.ts'
import { builtinPlugins } from '../../src/plugins/builtin.ts'
import type { PluginEntry } from '../../src/plugins/registry.ts'
import { watchEventLoop } from '../../src/runtime/plugin-calls.ts'
import { createLogger, LogOutput, silentLogger } from '../../src/util/logger.ts'
import { freePort } from './free-port.ts'
import { tempFolder } from './temp-folder.ts'
import { workerFile } from './worker-process.ts'

/** A worker and its broker in this process, so that it can have the test's own plugins. */
export async function workerInProcess(
  plugins: readonly { readonly kind: 'source' | 'sink'; readonly name: string }[],
  settings: Record<string, string> = {},
) {
  const lines: string[] = []
  const log = createLogger(new LogOutput((line) => lines.push(line)), 'test')
  const folder = tempFolder()
  const broker = await Broker.open({ host: '127.0.0.1', port: 0, dataDir: null, log: silentLogger })
  onTestFinished(() => broker.close())
  const bootstrap = `127.0.0.1:${broker.port}`
  const restPort = await freePort()
  const entries = plugins.map((plugin) => ({
    kind: plugin.kind,
    name: plugin.name,
    load: async () => plugin,
  }))
  const others = process.listeners('uncaughtException')
  const rejections = process.listeners('unhandledRejection')
  process.removeAllListeners('uncaughtException')
  process.removeAllListeners('unhandledRejection')
  const release = guardProcess(log)
  const endWatch = watchEventLoop({ log })
  const worker = await startWorker(
    {
      kind: 'run',
      workerFile: workerFile(folder, { bootstrap, restPort, ...settings }),
      connectorFiles: [],
      embeddedBroker: false,
      acceptLostOffsets: false,
    },
    log,
    { available: [...builtinPlugins, ...(entries as unknown as PluginEntry[])] },
  )
  worker.herder.setReady()
  onTestFinished(async () => {
    await worker.stop()
    endWatch()
    release()
    for (const listener of others) process.on('uncaughtException', listener)
    for (const listener of rejections) process.on('unhandledRejection', listener)
  })
  const url = `http://127.0.0.1:${restPort}`
  const taskStates = (name: string) =>
    worker.herder.connectorStatus(name)?.tasks.map(({ state }) => state) ?? []
  return { worker, herder: worker.herder, lines, url, bootstrap, folder, taskStates }
}
