import { KafkaError, toError } from '../../errors.ts'
import { createLogger, LogOutput } from '../../util/logger.ts'
import { isUsage } from '../kafka/usage-error.ts'
import { jsonReport, textReport } from '../verify/report.ts'
import { verifyAgreement, type Role } from '../verify/verification.ts'
import { readWorkerFile } from '../worker-file.ts'

export interface VerifyOptions {
  readonly source?: string
  readonly topic?: string
  readonly sink?: string
  readonly bootstrap?: string
  readonly worker?: string
  readonly json?: boolean
}

/** Proves that a source's file, a topic and a sink's file agree. Returns the exit code. */
export async function verify(options: VerifyOptions): Promise<number> {
  const { source = null, topic = null, sink = null, json = false } = options
  const fail = (code: number, problem: string) => {
    if (json) process.stdout.write(`${JSON.stringify({ version: 1, agree: false, error: problem })}\n`)
    process.stderr.write(`${problem}\n`)
    return code
  }
  if ([source, topic, sink].filter((each) => each !== null).length < 2)
    return fail(
      2,
      'At least two of --source, --topic and --sink are needed. tsconnect verify --help shows how.',
    )
  const progress = progressLine()
  try {
    const log = quietLog()
    const worker = {
      ...(options.worker === undefined ? {} : readWorkerFile(options.worker, log).props),
      ...(options.bootstrap === undefined ? {} : { 'bootstrap.servers': options.bootstrap }),
    }
    const clients = async () => (await import('../../kafka/kafkajs-clients.ts')).kafkaClients()
    const verification = await verifyAgreement(
      { source, topic, sink },
      { clients, worker, log, progress: progress.show },
    )
    progress.clear()
    process.stdout.write(json ? `${JSON.stringify(jsonReport(verification))}\n` : textReport(verification))
    return verification.agree ? 0 : 1
  } catch (thrown) {
    progress.clear()
    const error = toError(thrown)
    if (error instanceof KafkaError && isUnreachable(error))
      return fail(3, `The broker cannot be reached: ${error.message}`)
    return fail(isUsage(error) ? 2 : 1, error.message)
  }
}

/** What the clients have to say of a broker that is away is said once, at the end. */
function quietLog() {
  return createLogger(new LogOutput(() => {}), 'tsconnect.verify')
}

function isUnreachable({ retriable, code }: KafkaError): boolean {
  return retriable || code === 'SASL_AUTHENTICATION_FAILED' || code === 'SSL_AUTHENTICATION_FAILED'
}

/** One line at a terminal that says how far it is. */
function progressLine() {
  const started = performance.now()
  let shownAt = started
  const { stderr } = process
  return {
    show(from: Role, to: Role, lines: number) {
      const now = performance.now()
      if (!stderr.isTTY || now - started < 1000 || now - shownAt < 200) return
      shownAt = now
      stderr.write(`\r${from} -> ${to}: ${lines} lines`)
    },
    clear() {
      if (shownAt !== started) stderr.write('\r\u001b[K')
    },
  }
}
