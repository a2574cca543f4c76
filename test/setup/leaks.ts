/** Loaded before every test file by `--import`. Workers and children of the tests inherit that, so there it must cost nothing. */
if (process.env.NODE_TEST_CONTEXT?.startsWith('child') && process.argv[1]?.endsWith('.test.js')) {
  const { isMainThread } = await import('node:worker_threads');
  if (isMainThread) {
    // Children are given this process's flags, and a user's would not have the runner's.
    const flags = process.execArgv;
    const own = flags.findIndex((flag, i) => flag === '--import' && flags[i + 1] === import.meta.url);
    if (own !== -1) flags.splice(own, 2);
    flags.splice(0, flags.length, ...flags.filter((flag) => !flag.startsWith('--test-')));
    (await import('./leak-check.js')).checkLeaks();
  }
}

export {};
