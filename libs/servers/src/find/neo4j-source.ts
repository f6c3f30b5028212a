import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Source } from './component.ts';
import { onPath, outputOf, runClient } from './run-program.ts';
import { inRange, parseVersion } from './version.ts';

// cspell:ignore Dinclude Doutput -- -D is Java's, not part of the words
const VERSION = '5.26.12';
const JAVA = { from: [17] };

/** Server, kernel and Browser; Maven brings the 200 jars that they need. */
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>summit</groupId><artifactId>neo4j</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.neo4j.app</groupId><artifactId>neo4j-server</artifactId><version>${VERSION}</version></dependency>
    <dependency><groupId>org.neo4j</groupId><artifactId>neo4j</artifactId><version>${VERSION}</version></dependency>
    <dependency><groupId>org.neo4j.client</groupId><artifactId>neo4j-browser</artifactId><version>5.24.0</version></dependency>
  </dependencies>
</project>
`;

const opened = ['java.nio', 'java.io', 'sun.nio.ch', 'java.util.concurrent']
  .map((name) => `--add-opens java.base/${name}=ALL-UNNAMED`)
  .join(' ');

/** Starts the server in the foreground; \`JAVA_OPTS\` goes before the class. */
const SCRIPT = `#!/bin/sh
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
# shellcheck disable=SC2086 # JAVA_OPTS is words
exec java $JAVA_OPTS -cp "$here/lib/*" ${opened} org.neo4j.server.CommunityEntryPoint "$@"
`;

/** Neo4j runs on a Java of the machine. */
export function javaObstacle(): string | undefined {
  const java = parseVersion(outputOf('java', ['-version']));
  return java && inRange(java, JAVA) ? undefined : 'no Java 17 or newer on PATH';
}

/** Neo4j Community with Browser, copied by Maven, which checks each file against its repository's checksum. */
export const neo4jSource: Source = {
  title: `Maven org.neo4j.app:neo4j-server:${VERSION} with Browser`,
  version: VERSION,
  obstacle: () => (onPath('mvn') ? undefined : 'mvn is not on PATH'),
  async fetch(into) {
    writeFileSync(join(into, 'pom.xml'), POM);
    const copy = ['dependency:copy-dependencies', '-DincludeScope=runtime', '-DoutputDirectory=lib'];
    await runClient('mvn', ['-q', '-B', '--strict-checksums', ...copy], { cwd: into });
    writeFileSync(join(into, 'neo4j'), SCRIPT);
    chmodSync(join(into, 'neo4j'), 0o755);
    return 'neo4j';
  },
};
