import { boolean, string, type SettingsOf } from '../../index.ts'
import { choice } from './choice.ts'

export const deleteHandlingFields = {
  'delete.tombstone.handling.mode': string({
    importance: 'medium',
    default: null,
    validate: choice('drop', 'tombstone', 'rewrite', 'rewrite-with-tombstone', 'delete-to-tombstone'),
    doc: 'What becomes of a delete event and of the tombstone after it. drop: both are dropped. tombstone, which is what happens where nothing is set: the event becomes a null that keeps the schema of the row, the tombstone is dropped. rewrite: the event becomes the row as it was, with __deleted "true" (all other rows get "false"), and the tombstone is dropped. rewrite-with-tombstone: the same, and the tombstone is kept. delete-to-tombstone: the event becomes a null without schema, the tombstone is dropped.',
  }),
  'drop.tombstones': boolean({
    importance: 'low',
    default: null,
    doc: 'Older way to say it, read where delete.tombstone.handling.mode is not set: whether tombstones are dropped. true where only delete.handling.mode is given.',
  }),
  'delete.handling.mode': string({
    importance: 'low',
    default: null,
    validate: choice('drop', 'rewrite', 'none'),
    doc: 'Older way to say it, read where delete.tombstone.handling.mode is not set: drop drops delete events, none makes them nulls, rewrite makes them the row as it was, with __deleted "true". drop where only drop.tombstones is given.',
  }),
}

export interface DeleteHandling {
  readonly keepsTombstones: boolean
  /** `null` keeps the schema of the row, `tombstone` does not. */
  readonly onDelete: 'drop' | 'null' | 'tombstone' | 'rewrite'
}

export function deleteHandling(settings: SettingsOf<typeof deleteHandlingFields>): DeleteHandling {
  const mode = settings['delete.tombstone.handling.mode']
  const dropsTombstones = settings['drop.tombstones']
  const older = settings['delete.handling.mode']
  if (mode !== null) return modes[mode.toLowerCase() as keyof typeof modes]
  if (dropsTombstones === null && older === null) return modes.tombstone
  return {
    keepsTombstones: dropsTombstones === false,
    onDelete: olderModes[(older ?? 'drop').toLowerCase() as keyof typeof olderModes],
  }
}

const modes = {
  'drop': { keepsTombstones: false, onDelete: 'drop' },
  'tombstone': { keepsTombstones: false, onDelete: 'null' },
  'rewrite': { keepsTombstones: false, onDelete: 'rewrite' },
  'rewrite-with-tombstone': { keepsTombstones: true, onDelete: 'rewrite' },
  'delete-to-tombstone': { keepsTombstones: false, onDelete: 'tombstone' },
} as const satisfies Record<string, DeleteHandling>

const olderModes = { drop: 'drop', none: 'null', rewrite: 'rewrite' } as const
