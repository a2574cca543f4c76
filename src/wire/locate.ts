import type { Session } from 'node:inspector';
import { bare } from '../core/index.js';
import type { AnyFunction } from './function-ref.js';

/** Where V8 compiled a function. Lines and columns count from 0; the place is that of its parameters. */
export interface Place {
  readonly scriptId: string;
  readonly line: number;
  readonly column: number;
}

export interface Script {
  /** As V8 knows it: a URL for files, `node:` for built-ins, `''` for evaluated text. */
  readonly url: string;
  /** Whether it was compiled as an ES module. */
  readonly isModule: boolean;
}

/** What V8 says about a function. */
export interface Facts {
  readonly place: Place | undefined;
  /** What a bound function or a proxy stands for. */
  readonly target: AnyFunction | undefined;
}

interface RemoteProperty {
  name: string;
  value?: { objectId?: string; value?: { scriptId: string; lineNumber: number; columnNumber: number } };
}

/** A question to V8's inspector of this thread. The answers come before `post` returns. */
type Ask = (method: string, params?: object) => Record<string, unknown>;

/**
 * Opens a session for `use` alone. An open session would make every `console.log` slower and keep what it printed.
 * Gives `undefined` where there is no such inspector: other runtimes, Node's permission model.
 */
function inspect<T>(use: (ask: Ask, session: Session) => T): T | undefined {
  let session: Session;
  try {
    const inspector = process.getBuiltinModule('node:inspector');
    session = new inspector.Session();
    session.connect();
  } catch {
    return undefined; // every caller has another way, or an error that says more than this one would
  }
  const ask: Ask = (method, params = {}) => {
    let failure: Error | null = null;
    let answer: Record<string, unknown> = {};
    session.post(method, params, (error, result) => {
      failure = error;
      answer = result as Record<string, unknown>;
    });
    if (failure) throw failure;
    return answer;
  };
  try {
    return use(ask, session);
  } finally {
    session.disconnect();
  }
}

/** What V8 knows about a function: 1 to 2 ms at first, then 0.3. */
export function factsOf(fn: AnyFunction): Facts {
  const facts = inspect((ask) => {
    // The inspector reaches a function only through an expression in the global scope. Nothing else runs meanwhile.
    const slot = `meantime.held.${process.hrtime.bigint()}`;
    const box: { fn: AnyFunction; target?: AnyFunction } = bare({ fn });
    Object.defineProperty(globalThis, Symbol.for(slot), bare({ value: box, configurable: true }));
    try {
      const at = `globalThis[Symbol.for(${JSON.stringify(slot)})]`;
      const evaluated = ask('Runtime.evaluate', { expression: `${at}.fn`, objectGroup: slot });
      const { objectId } = evaluated.result as { objectId?: string };
      const found = ask('Runtime.getProperties', { objectId, ownProperties: true });
      const internal = (found.internalProperties ?? []) as RemoteProperty[];
      const location = internal.find((p) => p.name === '[[FunctionLocation]]')?.value?.value;
      const target = internal.find((p) => p.name === '[[TargetFunction]]' || p.name === '[[Target]]')?.value?.objectId;
      if (target !== undefined) {
        const take = `function () { ${at}.target = this; }`;
        ask('Runtime.callFunctionOn', { functionDeclaration: take, objectId: target, objectGroup: slot });
      }
      ask('Runtime.releaseObjectGroup', { objectGroup: slot });
      return {
        place: location && { scriptId: location.scriptId, line: location.lineNumber, column: location.columnNumber },
        target: typeof box.target === 'function' ? box.target : undefined,
      };
    } finally {
      Reflect.deleteProperty(globalThis, Symbol.for(slot));
    }
  });
  return facts ?? { place: undefined, target: undefined };
}

const scripts = new Map<string, Script>();

/**
 * The script of a place, and its text as V8 compiled it (types stripped, loaders applied) if `withText`.
 *
 * Enabling the debugger domain costs some 25 ms at first, because V8 hashes every script, and more with a large heap. So
 * this comes last. The profiler's coverage lists scripts faster, but not those of which no function has run, and ending
 * its session ends the coverage that a test runner is taking.
 */
export function scriptOf(place: Place): Script | undefined;
export function scriptOf(place: Place, withText: true): (Script & { text: string }) | undefined;
export function scriptOf(place: Place, withText = false): (Script & { text?: string }) | undefined {
  const known = scripts.get(place.scriptId);
  if (known !== undefined && !withText) return known;
  return inspect((ask, session) => {
    session.on('Debugger.scriptParsed', ({ params }) => {
      scripts.set(params.scriptId, { url: params.url, isModule: params.isModule === true });
    });
    ask('Debugger.enable');
    try {
      const script = scripts.get(place.scriptId);
      if (script === undefined || !withText) return script;
      const { scriptSource } = ask('Debugger.getScriptSource', { scriptId: place.scriptId });
      return { ...script, text: scriptSource as string };
    } finally {
      ask('Debugger.disable');
    }
  });
}
