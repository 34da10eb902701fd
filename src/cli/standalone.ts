/**
 * `tsconnect-standalone`: Kafka Connect's own calling form. Reads argv and the environment, starts the worker
 * and decides the exit code.
 */
import { parseArguments, usage } from './arguments.ts'
import { runStandalone } from './run-standalone.ts'

const parsed = parseArguments(process.argv.slice(2), process.env)
if (parsed.kind === 'run') {
  process.exitCode = await runStandalone(parsed)
  process.exit()
} else if (parsed.kind === 'version') {
  process.stdout.write(`${parsed.text}\n`)
} else {
  process.stderr.write(parsed.problem === null ? usage : `${parsed.problem}\n\n${usage}`)
  process.exitCode = 1
}
