/** Where a thread stands among those of a partition; `thread` is its surrogate. // I8 */
export function threadKey(tenant: string, thread: string): string {
  return `${tenant}\n${thread}`;
}
