// Why dist/ cannot be loaded, in plain words. Imported ahead of it: without file descriptors it could not be loaded later.
import { existsSync } from 'node:fs'

export function explain(error) {
  const reason = outOfDescriptors[error.code] ?? notBuilt()
  if (reason === null) throw error
  process.stderr.write(`${reason}\n`)
  process.exitCode = 2
}

const raise = 'Raise the limit, for example: ulimit -n 4096'
const outOfDescriptors = {
  EMFILE: `tsconnect cannot load its own files: this process may open too few file descriptors. ${raise}`,
  ENFILE: 'tsconnect cannot load its own files: the system has no file descriptors left (fs.file-max).',
}

function notBuilt() {
  const isBuilt = existsSync(new URL('../dist/.built', import.meta.url))
  return isBuilt ? null : 'tsconnect is not built yet in this checkout. Run: npm run build'
}
