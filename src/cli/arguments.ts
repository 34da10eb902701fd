import { Command, CommanderError } from 'commander'
import { version } from '../util/version.ts'

export interface StandaloneArguments {
  readonly kind: 'run'
  readonly workerFile: string
  readonly connectorFiles: readonly string[]
  /** false: none; true: in its default folder; text: in that folder. */
  readonly embeddedBroker: boolean | string
  readonly acceptLostOffsets: boolean
}

export type ParsedArguments =
  | StandaloneArguments
  | { readonly kind: 'version'; readonly text: string }
  | { readonly kind: 'usage'; readonly problem: string | null }

export const usage = `Usage: tsconnect-standalone [options] worker.properties [connector1.properties connector2.json ...]

Runs the connectors of these files until it is stopped (Ctrl-C). The files are Kafka Connect's own.

Options:
  --embedded-broker[=DIR]  runs a single-node Kafka store on the loopback address of bootstrap.servers,
                           its data in DIR (default: a folder beside the offset file)
  --accept-lost-offsets    starts although a damaged offset file has lost offsets
  --version                prints the version
  --help                   prints this

Exit codes: 1 usage, 2 the worker could not start, 3 a connector file could not be used.
`

/** Options may stand anywhere. As in Kafka Connect, any --help and a missing worker file give the usage. */
export function parseArguments(argv: readonly string[]): ParsedArguments {
  if (argv.length === 0 || argv.includes('--help') || argv.includes('-h'))
    return { kind: 'usage', problem: null }
  const command = new Command('tsconnect-standalone')
    .exitOverride()
    .configureOutput({ writeErr: () => {}, writeOut: () => {} })
    .helpOption(false)
    .option('--embedded-broker [dir]')
    .option('--accept-lost-offsets')
    .option('--version')
    .argument('[worker]')
    .argument('[connectors...]')
  try {
    command.parse(argv.map(separateOption), { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return { kind: 'usage', problem: error.message }
    throw error
  }
  const options = command.opts<{
    embeddedBroker?: boolean | string
    acceptLostOffsets?: true
    version?: true
  }>()
  if (options.version) return { kind: 'version', text: version }
  const [workerFile, ...connectorFiles] = command.args
  if (workerFile === undefined) return { kind: 'usage', problem: 'No worker file was given.' }
  return {
    kind: 'run',
    workerFile,
    connectorFiles,
    embeddedBroker: options.embeddedBroker === defaultFolder ? true : (options.embeddedBroker ?? false),
    acceptLostOffsets: options.acceptLostOffsets ?? false,
  }
}

const defaultFolder = ''

/** `--embedded-broker worker.properties`: the folder is given only with an equals sign. */
function separateOption(argument: string): string {
  return argument === '--embedded-broker' ? `--embedded-broker=${defaultFolder}` : argument
}
