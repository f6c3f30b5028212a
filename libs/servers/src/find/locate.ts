import { serverUnavailable } from '../errors.ts';
import { toolsDir } from '../paths.ts';
import type { Component, Progress, Source } from './component.ts';
import { onPath, outputOf } from './run-program.ts';
import { cached, fill } from './tool-cache.ts';
import { inRange, parseVersion, rangeText, versionText } from './version.ts';

/** Where a component comes from, or would come from. */
export type Location =
  | { readonly way: 'url'; readonly url: string; readonly variable: string }
  | {
      readonly way: 'path' | 'package' | 'cache';
      readonly program: string;
      readonly version: string;
      readonly dir?: string;
    }
  | { readonly way: 'registry'; readonly source: Source; readonly alternatives: readonly Source[] }
  | { readonly way: 'none' };

/** {@link Location} with what was tried before it, for messages. */
export interface Plan {
  readonly component: Component;
  readonly location: Location;
  readonly tried: readonly string[];
}

/** A component that is there: it runs elsewhere, or its program lies here. */
export type Provided = Extract<Location, { way: 'url' | 'path' | 'package' | 'cache' }>;

/** Finds the first way that works. Downloads nothing, changes nothing. */
export function locate(component: Component, env: NodeJS.ProcessEnv = process.env): Plan {
  const tried: string[] = [];
  const plan = (location: Location): Plan => ({ component, location, tried });
  const { urlVariable, title } = component;
  const url = urlVariable === undefined ? undefined : env[urlVariable];
  if (urlVariable !== undefined) {
    if (url) return plan({ way: 'url', url, variable: urlVariable });
    tried.push(`${urlVariable} is not set`);
  }
  const program = programOnPath(component, env, tried);
  if (program) return plan(program);
  const installed = component.installed?.();
  if (installed) return plan({ way: 'package', ...installed });
  const obstacle = component.obstacle?.();
  if (obstacle !== undefined) {
    tried.push(obstacle);
    return plan({ way: 'none' });
  }
  const found = cached(toolsDir(env), component);
  if (found) return plan({ way: 'cache', ...found });
  tried.push(`${title} is not in ${toolsDir(env)}`);
  const possible = component.sources.filter((source) => {
    const obstacle = source.obstacle();
    if (obstacle !== undefined) tried.push(`${source.title}: ${obstacle}`);
    return obstacle === undefined;
  });
  const [first, ...alternatives] = possible;
  return plan(first ? { way: 'registry', source: first, alternatives } : { way: 'none' });
}

function programOnPath(component: Component, env: NodeJS.ProcessEnv, tried: string[]): Location | undefined {
  if (component.program === undefined) return undefined;
  const program = onPath(component.program, env);
  if (program === undefined) {
    tried.push(`${component.program} is not on PATH`);
    return undefined;
  }
  const version = parseVersion(outputOf(program, component.versionArgs));
  if (version && inRange(version, component.range)) {
    return { way: 'path', program, version: versionText(version) };
  }
  const says = version ? `is ${versionText(version)}` : 'does not say its version';
  tried.push(`${program} ${says}, wanted is ${rangeText(component.range)}`);
  return undefined;
}

/** Finds the component, fetching it into the cache where need be. Throws `SERVER_UNAVAILABLE`. */
export async function provide(
  component: Component,
  progress: Progress = () => undefined,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Provided> {
  const { location, tried } = locate(component, env);
  if (location.way === 'none') throw serverUnavailable(component.title, tried, component.ways);
  if (location.way !== 'registry') return location;
  const failures = [...tried];
  for (const source of [location.source, ...location.alternatives]) {
    try {
      return { way: 'cache', ...(await fill(toolsDir(env), component, source, progress)) };
    } catch (error) {
      failures.push(`${source.title}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw serverUnavailable(component.title, failures, component.ways);
}
