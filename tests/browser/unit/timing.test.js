import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoff, coalesce, pause } from '../../../frontend/page/js/timing.js';

test('delays grow up to the cap and end within the total', () => {
  const delays = [...backoff({ firstMs: 100, factor: 2, capMs: 400, totalMs: 1_500 })];
  assert.deepEqual(delays, [100, 200, 400, 400, 400]);
});

test('a pause ends with the signal', async () => {
  const controller = new AbortController();
  const paused = pause(60_000, controller.signal);
  controller.abort();
  await assert.rejects(paused, { name: 'AbortError' });
  await assert.rejects(pause(0, controller.signal), { name: 'AbortError' });
});

test('calls during a run become one more run', async () => {
  let runs = 0;
  /** @type {() => void} */
  let finish = () => {};
  const run = coalesce(() => {
    runs += 1;
    return new Promise((resolve) => {
      finish = resolve;
    });
  });
  const done = run();
  void run();
  void run();
  assert.equal(runs, 1);
  finish();
  await new Promise(setImmediate);
  assert.equal(runs, 2);
  finish();
  await done;
  assert.equal(runs, 2);
});

test('after a failed run the next call runs again', async () => {
  let runs = 0;
  const run = coalesce(async () => {
    runs += 1;
    if (runs === 1) throw new Error('once');
  });
  await assert.rejects(run(), /once/);
  await run();
  assert.equal(runs, 2);
});
