import type { Command } from 'commander'
import type { ConsumeOptions } from './commands/consume.ts'
import type { GroupsOptions, ResetOptions } from './commands/groups.ts'
import type { ProduceOptions } from './commands/produce.ts'
import type { NewTopicOptions, TopicsOptions } from './commands/topics.ts'
import type { CommandIo } from './kafka/io.ts'

const codes = '0 done, 1 a problem, 2 usage, or what was named does not exist, 3 no broker could be reached'

/** The commands that work with any broker. What they do is loaded when one of them is called. */
export function addKafkaCommands(program: Command): void {
  addTopics(program)
  addProduce(program)
  addConsume(program)
  addGroups(program)
}

function addTopics(program: Command): void {
  const topics = kafkaCommand(program, 'topics', 'lists, describes, creates and deletes topics')
    .option('-J, --json', 'prints JSON')
    .addHelpText(
      'after',
      `
  tsconnect topics
  tsconnect topics create orders --partitions 3 --config cleanup.policy=compact
  tsconnect topics describe orders --bootstrap kafka:9092
  tsconnect topics delete orders --yes

Exit codes: ${codes}.`,
    )
  topics
    .command('list', { isDefault: true })
    .description('lists them with their numbers of partitions')
    .allowExcessArguments(false)
    .action((_: object, command: Command) =>
      run(async (io) => (await commands.topics()).listTopics(command.optsWithGlobals<TopicsOptions>(), io)),
    )
  topics
    .command('describe')
    .description('the offsets of its partitions; at a terminal and in JSON its configuration, too')
    .argument('<topic>')
    .action((topic: string, _: object, command: Command) =>
      run(async (io) =>
        (await commands.topics()).describeTopic(topic, command.optsWithGlobals<TopicsOptions>(), io),
      ),
    )
  topics
    .command('create')
    .description('creates one')
    .argument('<topic>')
    .option('--partitions <n>', "how many (default: the broker's)")
    .option('--replication-factor <n>', "how many copies (default: the broker's)")
    .option('--config <key=value>', 'a setting of the topic; may be repeated', gather)
    .action((topic: string, _: object, command: Command) =>
      run(async (io) =>
        (await commands.topics()).createTopic(topic, command.optsWithGlobals<NewTopicOptions>(), io),
      ),
    )
  topics
    .command('delete')
    .description('deletes them')
    .argument('<topic...>')
    .option('--yes', 'really does it')
    .action((names: readonly string[], _: object, command: Command) =>
      run(async (io) =>
        (await commands.topics()).deleteTopics(names, command.optsWithGlobals<TopicsOptions>(), io),
      ),
    )
}

function addProduce(program: Command): void {
  kafkaCommand(program, 'produce', 'writes lines as records')
    .argument('[file...]', 'files with the lines; standard input without any, and for -')
    .option('-t, --topic <topic>', 'where the records go (with --json: instead of where they were)')
    .option('-p, --partition <n>', "the partition (default: by the key, as Kafka's own clients do)")
    .option('-K, --key-separator <text>', 'what is before it in a line is the key (\\t: a tab)')
    .option('-H, --header <name=value>', 'a header of every record; may be repeated', gather)
    .option('-Z, --nulls', 'an empty value is null, and an empty key')
    .option('-J, --json', 'the lines are JSON as consume --json prints them')
    .addHelpText(
      'after',
      `
  printf 'one\\ntwo\\n' | tsconnect produce -t lines
  tsconnect produce -t orders -K : -H origin=import orders.txt
  echo '42:' | tsconnect produce -t orders -K : -Z          # a tombstone
  tsconnect consume -t orders -e --json | tsconnect produce -t copy --json

An empty line is a record with an empty value. Exit codes: ${codes}.`,
    )
    .action((files: readonly string[], options: ProduceOptions) =>
      run(async (io) => (await import('./commands/produce.ts')).produce(files, options, io)),
    )
}

function addConsume(program: Command): void {
  kafkaCommand(program, 'consume', 'prints the records of a topic')
    .requiredOption('-t, --topic <topic>', 'the topic')
    .option(
      '-o, --offset <from>',
      'beginning (default), end, an offset, or -N: N before the end of each partition',
    )
    .option('-c, --count <n>', 'ends after so many records')
    .option('-e, --exit', 'ends where the partitions end at the start')
    .option('-p, --partition <n>', 'only this partition')
    .option(
      '-f, --format <text>',
      '%t topic %p partition %o offset %k key %s value %T timestamp %h headers ...',
    )
    .option('-K, --key-separator <text>', 'prints key, this and value')
    .option('-Z, --nulls', 'prints NULL for what is null')
    .option('-J, --json', 'prints one JSON object a line')
    .option('-G, --group <group>', 'reads as a member of this group, and commits what was printed')
    .option('--isolation-level <level>', 'read_committed leaves out what transactions have not committed')
    .addHelpText(
      'after',
      `
Also in formats: %K and %S the bytes of key and value (-1: null), %R the same as four bytes, %% a percent sign; \\n \\t \\r
\\xHH.

  tsconnect consume -t orders -e
  tsconnect consume -t orders -o -10 -e -f '%p:%o %T %k = %s\\n'
  tsconnect consume -t orders -o end --json | jq .payload
  tsconnect consume -t orders --group report -c 1000

Exit codes: ${codes}.`,
    )
    .action((options: ConsumeOptions) =>
      run(async (io) => (await import('./commands/consume.ts')).consume(options, io)),
    )
}

function addGroups(program: Command): void {
  const groups = kafkaCommand(program, 'groups', 'lists, describes, resets and deletes consumer groups')
    .option('-J, --json', 'prints JSON')
    .addHelpText(
      'after',
      `
  tsconnect groups
  tsconnect groups describe connect-my-sink
  tsconnect groups reset connect-my-sink --topic orders --to beginning --yes
  tsconnect groups delete old --yes

Exit codes: ${codes}.`,
    )
  groups
    .command('list', { isDefault: true })
    .description('lists them with their states')
    .allowExcessArguments(false)
    .action((_: object, command: Command) =>
      run(async (io) => (await commands.groups()).listGroups(command.optsWithGlobals<GroupsOptions>(), io)),
    )
  groups
    .command('describe')
    .description('committed offsets, ends and lag')
    .argument('<group>')
    .action((group: string, _: object, command: Command) =>
      run(async (io) =>
        (await commands.groups()).describeGroup(group, command.optsWithGlobals<GroupsOptions>(), io),
      ),
    )
  groups
    .command('reset')
    .description('sets the offsets of a group without members; without --yes it only shows them')
    .argument('<group>')
    .requiredOption('--topic <topic>', 'the topic')
    .requiredOption('--to <offset>', 'beginning, end, an offset, or -N: N before the end')
    .option('-p, --partition <n>', 'only this partition')
    .option('--yes', 'really does it')
    .action((group: string, _: object, command: Command) =>
      run(async (io) =>
        (await commands.groups()).resetGroup(group, command.optsWithGlobals<ResetOptions>(), io),
      ),
    )
  groups
    .command('delete')
    .description('deletes a group without members, and its offsets')
    .argument('<group>')
    .option('--yes', 'really does it')
    .action((group: string, _: object, command: Command) =>
      run(async (io) =>
        (await commands.groups()).deleteGroup(group, command.optsWithGlobals<GroupsOptions>(), io),
      ),
    )
}

const commands = {
  topics: () => import('./commands/topics.ts'),
  groups: () => import('./commands/groups.ts'),
}

function kafkaCommand(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .configureHelp({ showGlobalOptions: true })
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
    .option(
      '-b, --bootstrap <host:port>',
      'the brokers (default: those of the worker file, or localhost:9092)',
    )
    .option('--worker <file>', 'a worker file: how to reach the brokers, and the settings of its clients')
    .option('-X, --property <key=value>', "a setting of Kafka's clients; may be repeated", gather)
}

export function gather(value: string, others: readonly string[] = []): readonly string[] {
  return [...others, value]
}

type Run = (io: CommandIo) => Promise<number>

/** Standard input may still be open: the process would wait for its end. */
export async function run(command: Run): Promise<never> {
  const { processIo } = await import('./kafka/io.ts')
  process.exit(await command(processIo()))
}
