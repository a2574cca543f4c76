import assert from 'node:assert/strict';
import type { Executor } from '../../futures/index.js';
import { echo } from '../calls.js';
import { failAggregate, failCustom, failLater, failOdd, failRange, failWith, failWithBaggage } from '../failing-calls.js';
import { type ExecutorPromise, promise } from '../promise.js';

/** What a call fails with. */
async function failureOf(call: PromiseLike<unknown>): Promise<Error & Record<string, unknown>> {
  try {
    await call;
  } catch (error) {
    return error as Error & Record<string, unknown>;
  }
  return assert.fail('the call was expected to fail, and did not');
}

/** Its name is looked for in stacks. */
async function theCallersOwnFunction(executor: Executor): Promise<Error> {
  return failureOf(executor.submit(failRange));
}

export const errors: readonly ExecutorPromise[] = [
  promise('an error keeps its class if that is built in', async (rig) => {
    const executor = rig.make();
    const range = await failureOf(executor.submit(failRange));
    assert.ok(range instanceof RangeError);
    assert.equal(range.message, 'out of range');
    const type = await failureOf(executor.submit(failLater));
    assert.ok(type instanceof TypeError);
    const dom = await failureOf(executor.submit(failWith, new DOMException('gone', 'NotFoundError')));
    assert.ok(dom instanceof DOMException);
    assert.equal(dom.name, 'NotFoundError');
  }),

  promise('an error of a class of its own keeps name, code, cause and own properties', async (rig) => {
    const error = await failureOf(rig.make().submit(failCustom));
    assert.ok(error instanceof Error);
    assert.deepEqual([error.name, error.message, error.code, error.status], ['HttpError', 'the server answered 503', 'E_HTTP', 503]);
    assert.deepEqual(error.headers, new Map([['retry-after', '5']]));
    const cause = error.cause as Error;
    assert.ok(cause instanceof Error && cause.message === 'the socket broke');
    assert.ok(cause.cause instanceof SyntaxError);
    assert.match(String(error.stack), /HttpError: the server answered 503/);
  }),

  promise('an AggregateError keeps its errors', async (rig) => {
    const error = await failureOf(rig.make().submit(failAggregate));
    assert.ok(error instanceof AggregateError);
    const [one, two, three] = error.errors;
    assert.ok(one instanceof RangeError && one.message === 'one');
    assert.deepEqual([two.name, two.status], ['HttpError', 404]);
    assert.equal(three, 'three');
  }),

  promise('what is thrown and is no error arrives as it is', async (rig) => {
    const executor = rig.make();
    for (const value of ['text', 42, null, { code: 'E_PLAIN', deep: [1] }]) {
      assert.deepEqual(await failureOf(executor.submit(failWith, value)), value);
    }
    const future = executor.submit(failWith, undefined);
    await failureOf(future);
    assert.equal(future.state, 'rejected');
  }),

  promise('errors inside arguments and results arrive as errors, at any depth', async (rig) => {
    const executor = rig.make();
    const sent = { list: [new RangeError('in a list')], map: new Map([['error', new TypeError('in a map', { cause: 'why' })]]) };
    const back = await executor.submit(echo, sent);
    assert.ok(back.list[0] instanceof RangeError && back.list[0].message === 'in a list');
    const inMap = back.map.get('error');
    assert.ok(inMap instanceof TypeError);
    assert.equal(inMap.cause, 'why');
    assert.ok((await executor.submit(echo, new URIError('bare'))) instanceof URIError);
  }),

  promise('an error arrives also if it carries what cannot travel', async (rig) => {
    const error = await failureOf(rig.make().submit(failWithBaggage));
    assert.ok(error instanceof URIError);
    assert.equal(error.message, 'with baggage');
    assert.equal(error.kept, 7);
  }),

  promise('result() throws the same error again and again', async (rig) => {
    const future = rig.make().submit(failRange);
    const error = await failureOf(future);
    assert.throws(
      () => future.result(),
      (again) => again === error,
    );
    assert.equal(await failureOf(future), error);
  }),

  promise(
    'the stack has the frames of the call over there, and below them those of the caller',
    async (rig) => {
      const executor = rig.make();
      for (let round = 0; round < 2; round++) {
        const stack = String((await theCallersOwnFunction(executor)).stack);
        const [far, near] = [stack.indexOf('failRange'), stack.indexOf('theCallersOwnFunction')];
        assert.ok(far > 0, `no far frame in ${stack}`);
        assert.ok(near > far, `the near frame is not below the far one in ${stack}`);
      }
      const failed = await failureOf(executor.map(failOdd, [0, 2, 3]));
      assert.match(String(failed.stack), /odd 3.*failOdd.*where the call was submitted.*\.[jt]s:\d+/s);
    },
    'copies',
  ),

  promise('a hundred failures in one turn are a hundred errors', async (rig) => {
    const executor = rig.make();
    const ends = await Promise.allSettled(Array.from({ length: 100 }, (_, i) => executor.submit(failWith, `nr ${i}`)));
    assert.deepEqual(
      ends.map((end) => end.status === 'rejected' && end.reason),
      Array.from({ length: 100 }, (_, i) => `nr ${i}`),
    );
  }),
];
