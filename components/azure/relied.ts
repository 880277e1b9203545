/**
 * Members of a resource that the program relies on: their values, and what would be if they had others. They are sent with
 * every write, since Azure keeps what a write leaves out: so a refresh and an update undo what was changed elsewhere.
 */
export type Relied = Readonly<Record<string, readonly [value: unknown, otherwise: string]>>;

export function membersOf<T extends Relied>(table: T): { -readonly [K in keyof T]: T[K][0] } {
  return Object.fromEntries(Object.entries(table).map(([member, [value]]) => [member, value])) as never;
}
