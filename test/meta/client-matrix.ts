/**
 * Which client was seen doing what with the embedded broker. A cell is the test that saw it - its file and its
 * full name as vitest lists it - or the reason why there is none. The table in docs/reference/broker.md is made
 * of this; client-matrix.test.ts looks for the tests.
 */
export type Cell = { readonly file: string; readonly test: string } | { readonly none: string }

export interface Row {
  readonly what: string
  readonly cells: readonly Cell[]
}

export const clients = [
  'kafkajs 2.2.4',
  '@platformatic/kafka 1.35.0',
  'franz-go 1.22.2',
  'kcat 1.7 (librdkafka 2.0.2)',
  'Java 4.1.1',
] as const

/** The tests of a `describe` in a file. */
const within = (file: string, group: string) => (title: string) => ({ file, test: `${group} > ${title}` })
const none = (why: string) => ({ none: why })

const kafkajs = within('test/broker/kafkajs.test.ts', 'kafkajs')
const kafkajsLogin = within('test/broker/security/clients.test.ts', 'kafkajs')
const kafkajsOffsets = within('test/broker/transactions/transactions.test.ts', 'a producer with transactions')
const platformatic = within('test/broker/platformatic.test.ts', '@platformatic/kafka')
const franz = within('test/integration/broker-clients-franz-go.test.ts', 'franz-go')
const kcat = within('test/integration/broker.test.ts', 'kcat')
const kcatMore = within('test/integration/broker-clients-kcat.test.ts', 'kcat')
const kcatLogin = within('test/integration/broker-security.test.ts', 'kcat')
const javaTools = within('test/integration/broker.test.ts', 'the Java clients')
const java = within('test/integration/broker-clients-java.test.ts', 'Java')
const javaLogin = within('test/integration/broker-security.test.ts', 'the Java clients')

const administers = 'administers topics, settings, groups, offsets and records'
const kafkajsAdmin = kafkajs('administers topics, settings, groups and offsets')
const shares = 'shares partitions in a group of two, and takes over from one that leaves'
const sharesAndResumes =
  'shares partitions in a group of two, takes over from one that leaves, and goes on from its commits'
const staysWhileAway = 'keeps the partitions of a static member that goes and comes back'
const takesBackOffsets = 'commits the offsets of a group in a transaction, and takes them back'
const endsTransactions = 'commits and aborts transactions, and reads what is committed'
const endsAndFences = 'sends in transactions, and is shut out by another producer of its id'
const javaTransactions = java('commits, aborts and takes over transactions, and reads what is committed')
const fencedAndCommitted = kafkajs(
  'is shut out by another producer of its transactional.id, and reads what is committed',
)
const certificate = 'gets in with a certificate, and only with one'

export const rows: readonly Row[] = [
  {
    what: 'topics, settings, groups',
    cells: [
      kafkajsAdmin,
      platformatic(administers),
      franz(administers),
      none('only lists'),
      javaTools('make and describe topics'),
    ],
  },
  {
    what: 'deleting records',
    cells: [
      kafkajsAdmin,
      platformatic(administers),
      franz(administers),
      none('cannot'),
      java('deletes records'),
    ],
  },
  ...['none', 'gzip', 'snappy', 'lz4', 'zstd'].map((codec) => ({
    what: codec === 'none' ? 'uncompressed' : codec,
    cells: [
      kafkajsWrites(codec),
      // Where Node has zstd, the library is tested with it, too.
      codec === 'zstd'
        ? none('with Node 22.15')
        : platformatic(`reads what it wrote with ${codec}, idempotent false`),
      franz(`reads what it wrote with ${codec}, idempotent false`),
      kcat(`reads back what it wrote with ${codec}, idempotent false`),
      javaTools(`write idempotently and read with ${codec}`),
    ],
  })),
  {
    what: 'idempotent producer',
    cells: [
      kafkajs('reads what it wrote, compression 0, idempotent true'),
      platformatic('reads what it wrote with none, idempotent true'),
      franz('reads what it wrote with none, idempotent true'),
      kcat('reads back what it wrote with none, idempotent true'),
      javaTools('write idempotently and read with none'),
    ],
  },
  {
    what: 'transactions: commit, abort',
    cells: [
      fencedAndCommitted,
      platformatic(endsAndFences),
      franz('commits and aborts, and reads what is committed'),
      kcatMore(endsTransactions),
      javaTransactions,
    ],
  },
  {
    what: 'transactions: fencing',
    cells: [
      fencedAndCommitted,
      platformatic(endsAndFences),
      franz('shuts out a producer whose transactional.id another one took'),
      kcatMore('is shut out by another producer of its transactional.id'),
      javaTransactions,
    ],
  },
  {
    what: 'transactions: offsets of a group',
    cells: [
      kafkajsOffsets('commits and aborts with kafkajs, offsets of a group included (flush=always)'),
      platformatic(takesBackOffsets),
      franz(takesBackOffsets),
      none('cannot'),
      java('copies in transactions with the offsets of a group, some of them aborted'),
    ],
  },
  {
    what: '`read_committed`',
    cells: [
      fencedAndCommitted,
      platformatic(endsAndFences),
      franz('commits and aborts, and reads what is committed'),
      kcatMore(endsTransactions),
      javaTransactions,
    ],
  },
  ...['range', 'roundrobin', 'sticky', 'cooperative-sticky'].map((assignor) => ({
    what: `group of two, ${assignor}`,
    cells: groupsOf(assignor),
  })),
  {
    what: 'static member',
    cells: [
      none('cannot'),
      platformatic('keeps the partitions of a member with a name while it is away'),
      franz(`${staysWhileAway} (range)`),
      kcatMore(staysWhileAway),
      java(`${staysWhileAway} (Range)`),
    ],
  },
  {
    what: 'commit and resume',
    cells: [
      kafkajs(sharesAndResumes),
      platformatic(sharesAndResumes),
      franz('goes on from the commits of its group'),
      kcat('reads in a group and goes on where it stopped'),
      java('writes with VerifiableProducer, reads with VerifiableConsumer, and goes on from its commits'),
    ],
  },
  {
    what: 'offsets by time',
    cells: [
      kafkajs('finds offsets by time'),
      platformatic('finds offsets by time'),
      franz('finds offsets by time'),
      kcat('finds offsets by time'),
      java('finds offsets by time with the offsets tool'),
    ],
  },
  ...['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'].map((mechanism) => ({
    what: `TLS and ${mechanism}`,
    cells: [
      kafkajsLogin(`logs in over SASL_SSL with ${mechanism}`),
      platformatic(`writes with ${mechanism} over TLS, and not with a wrong password`),
      franz(`writes and reads with ${mechanism} over TLS, and not with a wrong password`),
      kcatLogin(`writes and reads with ${mechanism} over TLS`),
      javaLogin(`write and read with ${mechanism} over TLS`),
    ],
  })),
  {
    what: 'client certificate',
    cells: [
      kafkajs(certificate),
      platformatic(certificate),
      franz(certificate),
      kcatLogin('gets in with a certificate'),
      javaLogin('get in with a certificate, and only with one'),
    ],
  },
]

function kafkajsWrites(codec: string): Cell {
  const bits = ['none', 'gzip'].indexOf(codec)
  return bits < 0
    ? none('not built in')
    : kafkajs(`reads what it wrote, compression ${bits}, idempotent false`)
}

function groupsOf(assignor: string): Cell[] {
  const javaName = { range: 'Range', roundrobin: 'RoundRobin', sticky: 'Sticky' }[assignor]
  return [
    assignor === 'roundrobin' ? kafkajs(sharesAndResumes) : none('round robin only'),
    assignor === 'roundrobin' ? platformatic(sharesAndResumes) : none('round robin only'),
    franz(`${shares} (${assignor})`),
    assignor === 'sticky' ? none('cannot') : kcatMore(`${shares} (${assignor})`),
    java(`${shares} (${javaName ?? 'CooperativeSticky'})`),
  ]
}
