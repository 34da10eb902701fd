import { Command, CommanderError } from 'commander'
import { toError } from '../errors.ts'
import { version } from '../util/version.ts'
import { type LogOptions, readLogOptions } from './log-options.ts'

/** What a worker is started with. */
export interface WorkerArguments {
  readonly kind: 'run'
  readonly workerFile: string
  readonly connectorFiles: readonly string[]
  /** false: none; true: in its default folder; text: in that folder. */
  readonly embeddedBroker: boolean | string
  readonly acceptLostOffsets: boolean
}

export interface StandaloneArguments extends WorkerArguments {
  /** Changes of the connector files are applied. */
  readonly watch: boolean
  readonly log: LogOptions
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
  --watch                  applies changes of the connector files while running: a file that is new, changed or
                           gone creates, changes or deletes its connector
  --log-level LEVEL        OFF FATAL ERROR WARN INFO DEBUG TRACE or ALL (default: INFO)
  --log-level LOGGER=LEVEL the same for one logger and those below it; may be repeated
  --log-format text|json   Kafka Connect's lines (default), or one JSON object per line
  --version                prints the version
  --help                   prints this

Environment: TSCONNECT_LOG_LEVEL (LEVEL,LOGGER=LEVEL,...) and TSCONNECT_LOG_FORMAT; options win.
Exit codes: 1 usage, 2 the worker could not start, 3 a connector file could not be used.
`

/** Options may stand anywhere. As in Kafka Connect, any --help and a missing worker file give the usage. */
export function parseArguments(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): ParsedArguments {
  if (argv.length === 0 || argv.includes('--help') || argv.includes('-h'))
    return { kind: 'usage', problem: null }
  const command = new Command('tsconnect-standalone')
    .exitOverride()
    .configureOutput({ writeErr: () => {}, writeOut: () => {} })
    .helpOption(false)
    .option('--embedded-broker [dir]')
    .option('--accept-lost-offsets')
    .option('--watch')
    .option('--log-level <level>', '', (level, others: readonly string[]) => [...others, level], [])
    .option('--log-format <format>')
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
    watch?: true
    logLevel: readonly string[]
    logFormat?: string
    version?: true
  }>()
  if (options.version) return { kind: 'version', text: version }
  const [workerFile, ...connectorFiles] = command.args
  if (workerFile === undefined) return { kind: 'usage', problem: 'No worker file was given.' }
  let log: LogOptions
  try {
    log = readLogOptions(options, env)
  } catch (error) {
    return { kind: 'usage', problem: toError(error).message }
  }
  return {
    kind: 'run',
    workerFile,
    connectorFiles,
    embeddedBroker: options.embeddedBroker === defaultFolder ? true : (options.embeddedBroker ?? false),
    acceptLostOffsets: options.acceptLostOffsets ?? false,
    watch: options.watch ?? false,
    log,
  }
}

const defaultFolder = ''

/** `--embedded-broker worker.properties`: the folder is given only with an equals sign. */
function separateOption(argument: string): string {
  return argument === '--embedded-broker' ? `--embedded-broker=${defaultFolder}` : argument
}
