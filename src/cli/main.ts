import { version } from '../util/version.ts'

/** `tsconnect COMMAND`: the tool beside the worker. */
const usage = `Usage: tsconnect COMMAND

Commands:
  standalone   runs a worker: tsconnect standalone worker.properties [connector.properties ...]

Options:
  --version    prints the version
  --help       prints this
`

const [command, ...rest] = process.argv.slice(2)
switch (command) {
  case 'standalone':
    process.argv.splice(2, process.argv.length, ...rest)
    await import('./standalone.ts')
    break
  case '--version':
    process.stdout.write(`${version}\n`)
    break
  case '--help':
  case '-h':
    process.stdout.write(usage)
    break
  default:
    process.stderr.write(command === undefined ? usage : `There is no command ${command}.\n\n${usage}`)
    process.exitCode = 2
}
