import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '../../../frontend/page/js/api.js';
import { MAX_FOLLOWED, MAX_WATCHED, createWatcher, untilSettled } from '../../../frontend/page/js/watch.js';

/** @typedef {import('../../../frontend/page/js/types.js').Order} Order */

const PLAN = { firstMs: 1, factor: 1, capMs: 1, totalMs: 5 };
const { signal } = new AbortController();

/** @param {import('../../../frontend/page/js/types.js').OrderStatus} status @param {string} [id] @returns {Order} */
const order = (status, id = 'a') => ({ id, amount: 1, description: '', status, create_time: '', update_time: '' });

test('an order is asked about until it is settled, over passing failures', async () => {
  const answers = [order('NEW'), new ApiError(503), order('NEW'), order('FINISHED')];
  const settled = await untilSettled(
    async () => {
      const answer = /** @type {Order | ApiError} */ (answers.shift());
      if (answer instanceof ApiError) throw answer;
      return answer;
    },
    signal,
    PLAN,
  );
  assert.equal(settled?.status, 'FINISHED');
});

test('asking ends with the plan', async () => {
  let asked = 0;
  const settled = await untilSettled(
    async () => {
      asked += 1;
      return order('NEW');
    },
    signal,
    PLAN,
  );
  assert.equal(settled, null);
  assert.equal(asked, 5);
});

test('a refusal ends the asking', async () => {
  await assert.rejects(
    untilSettled(
      async () => {
        throw new ApiError(404);
      },
      signal,
      PLAN,
    ),
    { status: 404 },
  );
});

test('the watch over the oldest order gives way to the newest', async () => {
  const controller = new AbortController();
  const ids = Array.from({ length: MAX_WATCHED + 1 }, (_, index) => `order-${index}`);
  const givenUp = await new Promise((resolve) => {
    const watcher = createWatcher({
      fetchOrder: async (id) => order('NEW', id),
      followOrder: async (id) => order('NEW', id),
      signal: controller.signal,
      onSettled: () => {},
      onGivenUp: resolve,
    });
    for (const id of ids) void watcher.watch(id);
  });
  controller.abort();
  assert.equal(givenUp, 'order-0');
});

test('as many newer orders take the places of all the older ones', async () => {
  const controller = new AbortController();
  const ids = Array.from({ length: 2 * MAX_WATCHED }, (_, index) => `order-${index}`);
  /** @type {string[]} */
  const givenUp = [];
  const watcher = createWatcher({
    fetchOrder: async (id) => order('NEW', id),
    followOrder: async (id) => order('NEW', id),
    signal: controller.signal,
    onSettled: () => {},
    onGivenUp: (id) => givenUp.push(id),
  });
  for (const id of ids) void watcher.watch(id);
  await new Promise(setImmediate);
  controller.abort();
  assert.deepEqual(givenUp, ids.slice(0, MAX_WATCHED));
  assert.deepEqual(ids.filter(watcher.isWatched), ids.slice(MAX_WATCHED));
});

test('an order that gave way is watched anew when it is named again', async () => {
  const controller = new AbortController();
  const watcher = createWatcher({
    fetchOrder: async (id) => order('NEW', id),
    followOrder: async (id) => order('NEW', id),
    signal: controller.signal,
    onSettled: () => {},
    onGivenUp: () => {},
  });
  for (let index = 0; index <= MAX_WATCHED; index += 1) void watcher.watch(`order-${index}`);
  void watcher.watch('order-0');
  await new Promise(setImmediate);
  controller.abort();
  assert.ok(watcher.isWatched('order-0'));
});

test('while no order may be followed, all are asked about, and what was followed ends', async () => {
  const controller = new AbortController();
  /** @type {string[]} */
  const calls = [];
  await new Promise((resolve) => {
    const watcher = createWatcher({
      fetchOrder: async (id) => {
        calls.push('fetch');
        watcher.setFollowing(true);
        return order('NEW', id);
      },
      followOrder: (id, end) => {
        calls.push('follow');
        if (calls.length > 1) return Promise.resolve(order('FINISHED', id));
        return new Promise((_, reject) => {
          end.addEventListener('abort', () => reject(new ApiError(0)));
          watcher.setFollowing(false);
        });
      },
      signal: controller.signal,
      onSettled: resolve,
      onGivenUp: assert.fail,
    });
    void watcher.watch('a');
  });
  controller.abort();
  assert.deepEqual(calls, ['follow', 'fetch', 'follow']);
});

test('some orders are followed, and the others asked about meanwhile', async () => {
  const controller = new AbortController();
  const ids = Array.from({ length: MAX_WATCHED }, (_, index) => `order-${index}`);
  /** @type {string[]} */
  const followed = [];
  /** @type {string[]} */
  const settled = [];
  await new Promise((resolve) => {
    const watcher = createWatcher({
      fetchOrder: async (id) => order('FINISHED', id),
      followOrder: (id) => {
        followed.push(id);
        return new Promise(() => {});
      },
      signal: controller.signal,
      onSettled: ({ id }) => settled.push(id) === ids.length - MAX_FOLLOWED && resolve(null),
      onGivenUp: assert.fail,
    });
    for (const id of ids) void watcher.watch(id);
  });
  controller.abort();
  assert.equal(followed.length, MAX_FOLLOWED);
  assert.deepEqual([...followed, ...settled].sort(), ids);
});

test('an order whose events end before it settles is asked about again', async () => {
  const controller = new AbortController();
  const answers = [order('NEW'), new ApiError(503), order('CANCELLED')];
  const settled = await new Promise((resolve) => {
    const watcher = createWatcher({
      fetchOrder: assert.fail,
      followOrder: async () => {
        const answer = /** @type {Order | ApiError} */ (answers.shift());
        if (answer instanceof ApiError) throw answer;
        return answer;
      },
      signal: controller.signal,
      onSettled: resolve,
      onGivenUp: assert.fail,
    });
    void watcher.watch('a');
  });
  assert.equal(settled.status, 'CANCELLED');
});
