/** `tsconnect COMMAND`: the tool beside the worker. */
import { Command } from 'commander'
import { version } from '../util/version.ts'
import { usage } from './arguments.ts'
import { addBrokerCommand } from './broker-command.ts'
import type { VerifyOptions } from './commands/verify.ts'
import { addKafkaCommands } from './kafka-commands.ts'

const verifyHelp = `
Each is compared with the next: the same lines, in the order of each partition. Any one of the three may be left out.

  tsconnect verify --source test.txt --topic connect-test --sink test.sink.txt --worker worker.properties

Exit codes: 0 they agree, 1 they do not, 2 usage, 3 no broker could be reached.`

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
  .command('verify')
  .description("proves that a source's file, a topic and a sink's file hold the same lines")
  .option('--source <file>', 'the file that FileStreamSource has read')
  .option('--topic <name>', 'the topic')
  .option('--sink <file>', 'the file that FileStreamSink has written')
  .option('--bootstrap <host:port>', 'the brokers (default: those of the worker file, or localhost:9092)')
  .option('--worker <file>', 'the worker file: how to reach the brokers, and value.converter')
  .option('--json', 'prints one JSON object')
  .allowExcessArguments(false)
  .addHelpText('after', verifyHelp)
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .action(async (options: VerifyOptions) => {
    const { verify } = await import('./commands/verify.ts')
    process.exitCode = await verify(options)
  })

addBrokerCommand(program)
addKafkaCommands(program)

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
