/** `tsconnect COMMAND`: the tool beside the worker. */
import { Command } from 'commander'
import { version } from '../util/version.ts'
import { usage } from './arguments.ts'

const program = new Command('tsconnect')
  .description("Apache Kafka Connect's standalone mode as one small program.")
  .version(version, '--version', 'prints the version')
  .helpOption('-h, --help', 'prints this')
  .showSuggestionAfterError()

program
  .command('quickstart')
  .description('shows records moving from file to file through an embedded broker; needs nothing else')
  .action(async () => {
    const { quickstart } = await import('./commands/quickstart.ts')
    process.exitCode = await quickstart()
  })

program
  .command('standalone')
  .description('runs a worker, as tsconnect-standalone does')
  .argument('[files...]', 'worker.properties connector.properties ...')
  .helpOption(false)
  .allowUnknownOption()
  .addHelpText('after', `\n${usage}`)
  .action(async () => {
    process.argv.splice(2, process.argv.length, ...process.argv.slice(process.argv.indexOf('standalone') + 1))
    await import('./standalone.ts')
  })

if (process.argv.length === 2) program.help({ error: true })
await program.parseAsync()
