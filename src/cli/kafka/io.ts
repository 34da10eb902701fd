import type { Readable, Writable } from 'node:stream'
import { redact } from '../../util/secrets.ts'
import { stopOnSignals, type Stop } from '../signals.ts'
import { Output } from './output.ts'

/** What a command reads and writes; a test brings its own. */
export interface CommandIo {
  readonly stdin: Readable
  readonly stdout: Output
  /** One message for a person. */
  say(message: string): void
  /** Signals are listened to from the first look at it on. */
  readonly stop: Stop
}

export function processIo(): CommandIo {
  const { stdout, stderr, env } = process
  let stop: Stop | null = null
  const hasColour = stdout.isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb'
  // Nobody reads the messages any more: that is no reason to stop.
  stderr.on('error', () => {})
  return {
    // Opened only by those who read it.
    get stdin() {
      return process.stdin
    },
    stdout: new Output(stdout, { isTerminal: stdout.isTTY, hasColour }),
    say: sayOn(stderr),
    get stop() {
      return (stop ??= stopOnSignals())
    },
  }
}

export function sayOn(stream: Writable): (message: string) => void {
  return (message) => stream.write(`${redact(message)}\n`)
}
