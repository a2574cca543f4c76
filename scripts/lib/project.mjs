// The compiler's programmatic interface is still marked unstable, so it is named here and nowhere else.
import { resolve } from 'node:path';
import { API, SignatureKind, SymbolFlags, TypeFlags } from 'typescript/unstable/sync';

export * as ast from 'typescript/unstable/ast';
export { SignatureKind, SymbolFlags, TypeFlags };

/** Opens the project of a tsconfig: its own source files (no declarations of packages) and its type checker. */
export function openProject(tsconfig) {
  const configFile = resolve(tsconfig);
  const api = new API({ cwd: resolve(configFile, '..') });
  const project = api.updateSnapshot({ openProject: configFile }).getProjects()[0];
  if (project === undefined) throw new Error(`openProject: expected a TypeScript project at ${tsconfig}, found none`);
  return {
    project,
    checker: project.checker,
    files: project.rootFiles.map((name) => project.program.getSourceFile(name)).filter(Boolean),
    file: (name) => project.program.getSourceFile(name),
    close: () => api.close(),
  };
}

/** The 1-based line of a position in a text. */
export function lineOf(text, position) {
  let line = 1;
  for (let i = text.indexOf('\n'); i !== -1 && i < position; i = text.indexOf('\n', i + 1)) line++;
  return line;
}

/** Where a node itself begins: after its comments. */
export function startOf(file, node) {
  return node.getStart ? node.getStart(file) : node.pos;
}
