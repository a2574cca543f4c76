/** One thing that is meant to be otherwise in Meantime. */
export interface Difference {
  readonly asyncio: string;
  readonly meantime: string;
}

/**
 * Every difference that is meant, by name. Each is put on top of asyncio's own classes, in scopes.py, blocks.py, handing.py and virtual_loop.py, which count under these names where
 * asyncio by itself would have done something else. A program that needed none of them does the same in asyncio as it is, which is held too.
 */
export const meant: Readonly<Record<string, Difference>> = {
  level: {
    asyncio: 'a cancellation is thrown once: who has caught it waits on undisturbed',
    meantime: 'once a scope is cancelled, every wait in it throws',
  },
  self: {
    asyncio: 'a task that cancels itself is cut off where it really has to wait',
    meantime: 'the next cancellation point throws, whether it would have to wait or not',
  },
  starts: {
    asyncio: 'a task that is cancelled before its first step never runs',
    meantime: 'it runs to its first cancellation point',
  },
  delivered: {
    asyncio: 'a cancellation in the moment of waking takes away what the task was woken with',
    meantime: 'who was handed something keeps it, and is cancelled at the next cancellation point',
  },
  tree: {
    asyncio: 'a cancellation reaches the tasks inside when those who wait for them unwind, one turn or one clean-up later',
    meantime: 'it marks everything below but for shields, and cuts off what is parked there, at once',
  },
  identity: {
    asyncio: 'a time limit knows its own cancellation by a count of requests',
    meantime: 'by the error itself, which the outermost cancelled scope names when it is thrown',
  },
  foreign: {
    asyncio: 'who waits for a task that somebody cancelled looks cancelled too, and his group ignores it',
    meantime: 'a cancellation that is not of a scope around is a failure like any other',
  },
  shield: {
    asyncio: 'who waits for a shield is cut off, and what is inside goes on alone',
    meantime: 'the shield is waited for; its task is cancelled at the next cancellation point',
  },
  'first-failure': {
    asyncio: 'a group throws all failures in an ExceptionGroup, which nests',
    meantime: 'it throws the first one as itself, and `failuresOf` lists all',
  },
  'completion-order': {
    asyncio: "the failure of a group's body is listed last",
    meantime: 'failures are listed in the order in which they happened',
  },
  'group-value': {
    asyncio: 'a group that was cancelled while it waited throws, also if all of its tasks ended by themselves',
    meantime: 'it then gives the value of its body',
  },
  'quiet-group': {
    asyncio: 'a group can be cancelled from inside since 3.15 only',
    meantime: '`group.cancel()` ends it quietly',
  },
  'late-spawn': {
    asyncio: 'a group that was cancelled refuses new tasks',
    meantime: 'until it has ended it takes them; they begin cancelled',
  },
  gather: {
    asyncio: 'the others go on after a failure, and nobody waits for them; who swallows the cancellation of a gather loses its results',
    meantime: 'they are cancelled and waited for; if all of them have a result in spite of it, these are the value',
  },
  'fifo-timers': {
    asyncio: 'timers of the same instant ring in the order that the heap happens to have',
    meantime: 'in the order in which they were set',
  },
  'hand-over': {
    asyncio: 'what is released or put lies about until the one who was woken comes round, and others may come first',
    meantime: 'it is handed to who has waited longest; nobody gets in between',
  },
  barrier: {
    asyncio:
      'a task that was cancelled at a barrier counts until it comes round, the next one is given a place twice, and none may come while the others leave',
    meantime: 'who was cut off has not come; places are given once, when all are there',
  },
  spurious: {
    asyncio: 'since 3.13 a waiter of a condition that is cancelled notifies another one, though it had not been notified',
    meantime: 'nobody is notified by a cancellation',
  },
};
