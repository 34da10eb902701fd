/** The worker as it is, with the plugins of the bench beside its own. */
import { builtinPlugins } from '../../src/plugins/builtin.ts'
import type { PluginEntry } from '../../src/plugins/registry.ts'
import { pickySink } from './plugins/picky-sink.ts'
import { postingSink } from './plugins/posting-sink.ts'
import { slowSink } from './plugins/slow-sink.ts'

for (const plugin of [pickySink, postingSink, slowSink]) {
  // The table is read when the worker starts; nothing else takes plugins from outside.
  const entry: PluginEntry = { kind: 'sink', name: plugin.name, load: async () => plugin }
  ;(builtinPlugins as PluginEntry[]).push(entry)
}
await import('../../src/cli/standalone.ts')
