/** Loaded before every test file by `--import`. Workers and children of the tests inherit that, so there it must cost nothing. */
if (process.env.NODE_TEST_CONTEXT?.startsWith('child') && process.argv[1]?.endsWith('.test.js')) {
  const { isMainThread } = await import('node:worker_threads');
  if (isMainThread) (await import('./leak-check.js')).checkLeaks();
}

export {};
