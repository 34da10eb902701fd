import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'dotenv'
import { readTextFile } from './read-file.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * The environment with what `.env` in that folder adds to it; what is set already wins. Changes neither `env` nor the
 * process. Throws ConfigError when there is such a file and it cannot be read.
 */
export function loadDotEnv(folder: string, env: Environment): Environment {
  const file = join(folder, '.env')
  return existsSync(file) ? { ...parse(readTextFile(file)), ...env } : env
}
