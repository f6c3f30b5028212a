/** Numbers of a version, most significant first: `[2, 15, 1]`. */
export type Version = readonly number[];

/** The first dotted number in what a program prints about itself; undefined where there is none. */
export function parseVersion(text: string): Version | undefined {
  const match = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  return match ? [match[1], match[2], match[3]].map((part) => Number(part ?? 0)) : undefined;
}

/** `v2.15.1` is written `2.15.1`. */
export function versionText(version: Version): string {
  return version.join('.');
}

/** Negative where `a` is older than `b`, 0 where they are the same. */
export function compareVersions(a: Version, b: Version): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Half-open: from `from` on, and older than `below` where that is given. */
export interface VersionRange {
  readonly from: Version;
  readonly below?: Version;
}

export function inRange(version: Version, { from, below }: VersionRange): boolean {
  return compareVersions(version, from) >= 0 && (!below || compareVersions(version, below) < 0);
}

/** For people: `2.15.1 or newer`, `from 17.0 to before 19.0`. */
export function rangeText({ from, below }: VersionRange): string {
  return below
    ? `from ${versionText(from)} to before ${versionText(below)}`
    : `${versionText(from)} or newer`;
}
