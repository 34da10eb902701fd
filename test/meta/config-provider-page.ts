import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { resolveVariables } from '../../src/config/variables.ts'
import { toError } from '../../src/errors.ts'
import { configProviders } from '../../src/providers/config-providers.ts'
import { createLogger, LogOutput } from '../../src/util/logger.ts'
import { note, page } from './markdown.ts'

/** Where the pages' files are said to lie. */
const shownFolder = '/run/secrets'

interface ProviderExample {
  /** Of the worker file. */
  readonly worker: Readonly<Record<string, string>>
  readonly files?: Readonly<Record<string, string>>
  readonly env?: Readonly<Record<string, string>>
  /** Values of settings; what becomes of them is computed. */
  readonly values: readonly string[]
}

const file: ProviderExample = {
  worker: {
    'config.providers': 'file',
    'config.providers.file.class': 'org.apache.kafka.common.config.provider.FileConfigProvider',
    'config.providers.file.param.allowed.paths': shownFolder,
  },
  files: { 'db.properties': 'user=ada\npassword: "s3cret"\n' },
  values: [
    '${file:/run/secrets/db.properties:user}',
    'jdbc:x://${file:/run/secrets/db.properties:user}@db',
    '${file:/run/secrets/db.properties:password}',
    '${file:/run/secrets/db.properties:nothing}',
    '${file:/etc/passwd:root}',
    '${file:/run/secrets/../../etc/passwd:root}',
    '${file:/run/secrets/absent.properties:user}',
  ],
}

const directory: ProviderExample = {
  worker: {
    'config.providers': 'dir',
    'config.providers.dir.class': 'org.apache.kafka.common.config.provider.DirectoryConfigProvider',
    'config.providers.dir.param.allowed.paths': `${shownFolder}/db`,
  },
  files: { 'db/user': 'ada', 'db/password': 's3cret\n', 'mail/user': 'bob' },
  values: [
    '${dir:/run/secrets/db:user}',
    '${dir:/run/secrets/db:password}',
    '${dir:/run/secrets/db:nothing}',
    '${dir:/run/secrets/mail:user}',
  ],
}

const environment: ProviderExample = {
  worker: {
    'config.providers': 'env',
    'config.providers.env.class': 'org.apache.kafka.common.config.provider.EnvVarConfigProvider',
    'config.providers.env.param.allowlist.pattern': 'APP_.*',
  },
  env: { APP_TOPIC: 'orders', HOME: '/root' },
  values: [
    '${env:APP_TOPIC}',
    'a-${env:APP_TOPIC}-b',
    '${env:HOME}',
    '${env:APP_NOTHING}',
    '${env:x:APP_TOPIC}',
  ],
}

/** `docs/reference/config-providers.md`; the examples are run. */
export async function configProvidersPage(): Promise<string> {
  return page(`# Config providers
${note}

A value in a worker or connector file may refer to something that is kept elsewhere, such as a password:
\`\${provider:path:key}\`, or \`\${provider:key}\` where there is no path. It is looked up when the connector starts; the REST API
and the log show the text with the variable in it. Several variables may stand in one value. What comes in is not looked at
again, and there is no way to escape a variable. A variable that nobody knows stays as it is.

\`config.providers\` in the worker file lists names, \`config.providers.<name>.class\` says what each is and
\`config.providers.<name>.param.<parameter>\` sets its parameters. \`file\`, \`dir\` and \`env\` are there without being declared,
with no limits; declare them to set some.

A \`.env\` file beside the worker file is read before anything else, for \`\${env:...}\`.

## FileConfigProvider

The path names a properties file in UTF-8, the key one of its properties. The value is taken as it stands, quotes
included.

| Parameter | Default | |
|---|---|---|
| \`allowed.paths\` | all | Absolute paths that exist, separated by commas. Only these, and what lies below them, can be read. \`..\` is resolved before, symbolic links are not. |

${shown(file)}

## DirectoryConfigProvider

The path names a directory, the key a file directly in it, whose whole content is the value, with the line end if there is one.
This is how containers are given secrets.

| Parameter | Default | |
|---|---|---|
| \`allowed.paths\` | all | As above. |

${shown(directory)}

## EnvVarConfigProvider

The key names an environment variable. There is no path.

| Parameter | Default | |
|---|---|---|
| \`allowlist.pattern\` | \`.*\` | A Java regular expression that the whole name of a variable has to match. |

${shown(environment)}
`)
}

function shown(example: ProviderExample): string {
  const { worker, files = {}, env = {}, values } = example
  const blocks = [
    `In the worker file:\n\n\`\`\`properties\n${lines(worker)}\n\`\`\``,
    ...Object.entries(files).map(
      ([path, text]) => `\`${shownFolder}/${path}\`:\n\n\`\`\`text\n${text.trimEnd()}\n\`\`\``,
    ),
    ...(Object.keys(env).length === 0
      ? []
      : [`In the environment:\n\n\`\`\`properties\n${lines(env)}\n\`\`\``]),
  ]
  const rows = resolved(example).map((outcome, i) => `| \`${values[i]}\` | ${outcome} |`)
  return [...blocks, ['| A value | becomes |', '|---|---|', ...rows].join('\n')].join('\n\n')
}

function lines(settings: Readonly<Record<string, string>>): string {
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n')
}

/** What becomes of each value, in a folder that really holds the files. */
function resolved({ worker, files = {}, env = {}, values }: ProviderExample): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'config-providers-'))
  const there = (text: string) => text.replaceAll(shownFolder, folder)
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), text)
    }
    const props = Object.fromEntries(Object.entries(worker).map(([key, value]) => [key, there(value)]))
    return values.map((value) => {
      const warnings: string[] = []
      const log = createLogger(new LogOutput((line) => warnings.push(line)), 'docs')
      try {
        const { settings } = resolveVariables({ x: there(value) }, configProviders(props, { env, log }))
        return outcome(settings['x']!.replaceAll(folder, shownFolder), value, warnings.length > 0)
      } catch (thrown) {
        return `an error: ${toError(thrown).message.replaceAll(folder, shownFolder)}`
      }
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function outcome(text: string, value: string, isWarned: boolean): string {
  if (text === value) return isWarned ? 'itself, with a warning in the log' : 'itself'
  return `\`${text.replaceAll('\n', '\\n')}\``
}
