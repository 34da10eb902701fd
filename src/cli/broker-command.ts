import type { Command } from 'commander'
import type { BrokerCommandOptions } from './commands/broker.ts'
import { gather, run } from './kafka-commands.ts'

export function addBrokerCommand(program: Command): void {
  program
    .command('broker')
    .description('runs a single-node store that Kafka clients can use')
    .option('--listen <host:port>', 'where clients connect; port 0: any free one', '127.0.0.1:9092')
    .option('--data <dir>', 'the folder of the data', './tsconnect-broker')
    .option('--memory', 'keeps everything in memory, 256 MiB at most: the oldest records go first')
    .option(
      '--flush <when>',
      'to the disk: interval (once a second), always (before acknowledging) or never',
      'interval',
    )
    .option(
      '--advertise <host:port>',
      'the address that clients are told, where --listen is not what they reach',
    )
    .option('--users <file>', 'who may log in: lines NAME=PASSWORD')
    .option('--tls-key <file>', 'a private key in PEM: with --tls-cert, clients connect over TLS')
    .option('--tls-cert <file>', 'its certificate in PEM, with those that vouch for it behind')
    .option('--tls-ca <file>', 'who vouches for the certificates of clients, in PEM')
    .option('--tls-client-auth <mode>', 'none, requested or required (the default with --tls-ca)')
    .option('--insecure', 'lets other machines in without passwords or client certificates')
    .option('--log-level <level>', 'LEVEL or LOGGER=LEVEL, as of a worker; may be repeated', gather, [])
    .option('--log-format <format>', 'text or json')
    .allowExcessArguments(false)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
    .addHelpText(
      'after',
      `
  tsconnect broker
  tsconnect broker --listen 127.0.0.1:0 --memory
  tsconnect broker --listen 0.0.0.0:9092 --advertise edge-7.example:9092 --users users.properties \\
    --tls-key edge-7.key --tls-cert edge-7.pem --flush always

Exit codes: 2 it could not start, 129, 130 or 143 after SIGHUP, SIGINT or SIGTERM. The same signal again leaves at once.`,
    )
    .action((options: BrokerCommandOptions) =>
      run(async (io) => (await import('./commands/broker.ts')).runBroker(options, io, process.env)),
    )
}
