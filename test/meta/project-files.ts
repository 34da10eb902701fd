import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

const generated = new Set(['node_modules', 'dist', 'coverage', '.git', '.integration'])

/** The files of the project below `folder`, as paths from its root with forward slashes, in order. */
export function filesBelow(folder = ''): readonly string[] {
  const found: string[] = []
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) {
      if (!generated.has(entry.name)) found.push(...filesBelow(path))
    } else if (entry.isFile()) found.push(path)
  }
  return found.sort()
}

/** What git keeps; everything there is where there is no git. */
export function trackedFiles(): readonly string[] {
  try {
    return execFileSync('git', ['ls-files', '-z'], {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .split('\0')
      .filter((path) => path !== '')
  } catch {
    return filesBelow()
  }
}

export function textOf(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}
