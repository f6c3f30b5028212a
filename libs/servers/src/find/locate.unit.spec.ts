import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Component, Source } from './component.ts';
import { locate, provide } from './locate.ts';

let dir: string;
let fetched: number;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'summit-locate-'));
  fetched = 0;
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const environment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  PATH: join(dir, 'bin'),
  SUMMIT_TOOLS_DIR: join(dir, 'tools'),
  ...more,
});

/** A registry that brings a shell script. */
const working: Source = {
  title: 'a registry',
  version: '3.1.0',
  obstacle: () => undefined,
  fetch: (into) => {
    fetched += 1;
    program(into, 'thing', '3.1.0');
    return Promise.resolve('thing');
  },
};
const withoutClient: Source = {
  ...working,
  title: 'another registry',
  obstacle: () => 'its client is missing',
};
const failing: Source = {
  ...working,
  title: 'a broken registry',
  fetch: () => Promise.reject(new Error('404')),
};

function component(...sources: Source[]): Component {
  return {
    name: 'nats',
    title: 'Thing',
    urlVariable: 'THING_URL',
    program: 'thing',
    versionArgs: ['--version'],
    range: { from: [3, 0] },
    sources,
    ways: ['install thing', 'start a container'],
  };
}

function program(into: string, name: string, version: string): void {
  writeFileSync(join(into, name), `#!/bin/sh\necho thing ${version}\n`);
  chmodSync(join(into, name), 0o755);
}

describe('where a component comes from', () => {
  it('is the URL, when the environment names one', () => {
    const env = environment({ THING_URL: 'thing://elsewhere' });
    const { location } = locate(component(working), env);
    expect(location).toEqual({ way: 'url', url: 'thing://elsewhere', variable: 'THING_URL' });
  });

  it('is the program on PATH, when its version is good', () => {
    program(dir, 'thing', '3.4.5');
    const { location } = locate(component(working), environment({ PATH: dir }));
    expect(location).toEqual({ way: 'path', program: join(dir, 'thing'), version: '3.4.5' });
  });

  it('is not a program on PATH that is too old', () => {
    program(dir, 'thing', '2.9.9');
    const { location, tried } = locate(component(working), environment({ PATH: dir }));
    expect(location.way).toBe('registry');
    expect(tried).toContain(`${join(dir, 'thing')} is 2.9.9, wanted is 3.0 or newer`);
  });

  it('is the cache, filled once', async () => {
    const first = await provide(component(working), undefined, environment());
    const second = await provide(component(working), undefined, environment());
    expect(first).toMatchObject({ way: 'cache', version: '3.1.0' });
    expect(second).toEqual(first);
    expect(fetched).toBe(1);
  });

  it('is fetched once when several want it at the same moment', async () => {
    const wanted = [1, 2, 3].map(() => provide(component(working), undefined, environment()));
    await Promise.all(wanted);
    expect(fetched).toBe(1);
  });

  it('is fetched again when a byte of the cached program has changed', async () => {
    const found = await provide(component(working), undefined, environment());
    if (found.way !== 'cache') throw new Error('not in the cache');
    writeFileSync(found.program, `${readFileSync(found.program, 'utf8')}# changed\n`);
    expect(locate(component(working), environment()).location.way).toBe('registry');
    await provide(component(working), undefined, environment());
    expect(fetched).toBe(2);
  });

  it('is the next registry when the first fails', async () => {
    const found = await provide(component(withoutClient, failing, working), undefined, environment());
    expect(found.way).toBe('cache');
  });

  it('is nowhere: the error names it, what was tried and the two easiest ways', async () => {
    const nowhere = provide(component(withoutClient, failing), undefined, environment());
    await expect(nowhere).rejects.toMatchObject({
      code: 'SERVER_UNAVAILABLE',
      message: expect.stringMatching(
        /^Thing can not be had.*THING_URL is not set; thing is not on PATH;.*its client is missing; a broken registry: 404/,
      ),
      next: 'The two easiest ways: install thing; or start a container.',
    });
  });

  it('downloads nothing while it is only looked for', () => {
    expect(locate(component(working), environment()).location.way).toBe('registry');
    expect(fetched).toBe(0);
  });
});
