import { ConfigError, ConnectError } from '../../errors.ts'

export const offsetFileKey = 'offset.storage.file.filename'

/** The offset file cannot be used as it is, and going on would lose offsets: a person has to decide. */
export class OffsetFileError extends ConnectError {
  override name = 'OffsetFileError'
}

/** Another worker holds the offset file. */
export class OffsetFileLockedError extends OffsetFileError {
  override name = 'OffsetFileLockedError'
  readonly holderPid: number | null

  constructor(message: string, holderPid: number | null) {
    super(message)
    this.holderPid = holderPid
  }
}

/** The setting `offset.storage.file.filename` names a place where no file can be kept. */
export function unusablePath(path: string, error: NodeJS.ErrnoException, folder: string): ConfigError {
  return new ConfigError(
    `The offset file ${path} (${offsetFileKey}) cannot be used: ${reason(error, folder)}`,
    {
      key: offsetFileKey,
      cause: error,
    },
  )
}

function reason(error: NodeJS.ErrnoException, folder: string): string {
  switch (error.code) {
    case 'ENOENT':
      return `its folder ${folder} does not exist. Create it, or name another place.`
    case 'ENOTDIR':
      return `${folder} is not a folder.`
    case 'EISDIR':
      return 'it is a folder. Name a file in it.'
    case 'EACCES':
    case 'EPERM':
      return `permission denied. The worker's user must be able to read and write it and its folder ${folder}.`
    case 'EROFS':
      return 'its file system is read-only.'
    case 'ENOSPC':
      return 'no space is left on the device.'
    case 'EMFILE':
    case 'ENFILE':
      return 'too many open files. Raise the limit (ulimit -n).'
    default:
      return error.message
  }
}
