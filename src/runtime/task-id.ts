export interface TaskId {
  readonly connector: string
  readonly task: number
}

export function taskText({ connector, task }: TaskId): string {
  return `${connector}-${task}`
}
