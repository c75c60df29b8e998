import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError, createApi, isTransient } from '../../../frontend/page/js/api.js';
import { actionErrorWords, descriptionFaultWords, errorWords, statusWords } from '../../../frontend/page/js/words.js';

/**
 * An API of user u1 whose answers come from this list, one per call.
 * @param {(Response | Error)[]} answers
 */
function apiAnswering(answers) {
  const controller = new AbortController();
  /** @type {Request[]} */
  const calls = [];
  /** @type {boolean[]} */
  const reach = [];
  const api = createApi({
    userId: 'u1',
    signal: controller.signal,
    onReach: (outOfReach) => reach.push(outOfReach),
    fetch: async (input, init) => {
      calls.push(new Request(new URL(String(input), 'http://page.test'), init));
      const answer = answers.shift();
      if (answer instanceof Response) return answer;
      throw answer ?? new Error('no answer left');
    },
  });
  return { api, calls, reach, controller };
}

/** @param {number} status @param {object} [problem] @param {Record<string, string>} [headers] */
const failure = (status, problem = {}, headers = {}) => Response.json(problem, { status, headers });

test('a call names its user and carries whole numbers', async () => {
  const { api, calls } = apiAnswering([Response.json({ user_id: 'u1', balance: 1 })]);
  await api.topUp(9_007_199_254_740_991);
  assert.equal(calls[0]?.headers.get('X-User-Id'), 'u1');
  assert.equal(await calls[0]?.text(), '{"amount":9007199254740991}');
});

test('a read is repeated while the service is away', async () => {
  const { api, calls, reach } = apiAnswering([failure(503), new TypeError('network'), Response.json({ user_id: 'u1', balance: 5 })]);
  assert.equal((await api.balance()).balance, 5);
  assert.equal(calls.length, 3);
  assert.deepEqual(reach, [true, false]);
});

test('a refusal ends the repeating of a read', async () => {
  const { api, calls, reach } = apiAnswering([failure(503), failure(404, { code: 'ACCOUNT_NOT_FOUND' })]);
  await assert.rejects(api.balance(), { status: 404, code: 'ACCOUNT_NOT_FOUND' });
  assert.equal(calls.length, 2);
  assert.deepEqual(reach, [true, false]);
});

test('a write is never repeated by itself', async () => {
  const { api, calls } = apiAnswering([failure(503), Response.json({})]);
  await assert.rejects(api.createOrder(1, ''), { status: 503 });
  assert.equal(calls.length, 1);
});

test('the same write sent again carries the same key until it is done', async () => {
  const { api, calls } = apiAnswering([failure(503), new TypeError('network'), new Response('<html>'), failure(409), Response.json({}), Response.json({})]);
  for (let tries = 0; tries < 4; tries += 1) await assert.rejects(api.createOrder(1, 'tea'));
  await api.createOrder(1, 'tea');
  await api.createOrder(1, 'tea');
  const keys = calls.map(({ headers }) => headers.get('Idempotency-Key') ?? '');
  assert.match(keys[0] ?? '', /^[!-~]{1,255}$/);
  assert.deepEqual(new Set(keys.slice(0, 5)), new Set([keys[0]]));
  assert.notEqual(keys[5], keys[0]);
});

test('another write, and another user, has another key', async () => {
  const writes = [() => api.createOrder(1, 'tea'), () => api.createOrder(2, 'tea'), () => api.createOrder(2, 'coffee'), () => api.topUp(2)];
  const { api, calls } = apiAnswering(writes.map(() => failure(503)));
  for (const write of writes) await assert.rejects(write());
  const other = apiAnswering([failure(503)]);
  await assert.rejects(other.api.createOrder(1, 'tea'));
  const keys = [...calls, ...other.calls].map(({ headers }) => headers.get('Idempotency-Key'));
  assert.equal(new Set(keys).size, writes.length + 1);
});

test('reads and the opening of an account carry no key', async () => {
  const { api, calls } = apiAnswering([Response.json({}), Response.json({})]);
  await api.openAccount();
  await api.balance();
  assert.ok(calls.every(({ headers }) => !headers.has('Idempotency-Key')));
});

test('a refusal is told with its code, fields and time to wait', async () => {
  const problem = { detail: 'no', code: 'RATE_LIMITED', errors: [{ field: 'amount', message: 'm' }] };
  const { api } = apiAnswering([failure(429, problem, { 'Retry-After': '3' })]);
  await assert.rejects(api.createOrder(1, ''), (error) => {
    assert.ok(error instanceof ApiError);
    assert.deepEqual([error.code, error.fields, error.retryAfterSeconds], ['RATE_LIMITED', problem.errors, 3]);
    return isTransient(error);
  });
});

test('an answer that is not JSON counts as none', async () => {
  const { api } = apiAnswering([new Response('<html>')]);
  await assert.rejects(api.topUp(1), { status: 0 });
});

test('of the events of an order the last one counts', async () => {
  const events = ':\n\nevent: order\ndata: {"id":"a","status":"NEW"}\n\n:\n\nevent: order\ndata: {"id":"a","status":"FINISHED"}\n\n';
  const { api, calls } = apiAnswering([new Response(events), new Response(':\n\n')]);
  const { signal } = new AbortController();
  assert.equal((await api.orderAfterEvents('a', signal)).status, 'FINISHED');
  assert.equal(calls[0]?.headers.get('Accept'), 'text/event-stream');
  await assert.rejects(api.orderAfterEvents('a', signal), { status: 0 });
});

test('following an order can be ended by itself', async () => {
  const { api, calls } = apiAnswering([new Response('data: {"status":"NEW"}\n\n')]);
  const end = new AbortController();
  await api.orderAfterEvents('a', end.signal);
  end.abort();
  assert.equal(calls[0]?.signal.aborted, true);
});

test('after the end of the session no answer gets through', async () => {
  const { api, controller } = apiAnswering([Response.json({ user_id: 'u1', balance: 5 })]);
  const answer = api.balance();
  controller.abort();
  await assert.rejects(answer, { name: 'AbortError' });
});

test('failures are told in words', () => {
  assert.match(errorWords(new ApiError(0)), /cannot be reached/);
  assert.match(errorWords(new ApiError(503, {}, 4)), /Try again in 4 seconds/);
  assert.match(errorWords(new ApiError(500, { request_id: 'r7' })), /Reference: r7/);
  assert.equal(errorWords(new ApiError(400, { detail: 'amount is missing' })), 'amount is missing');
  assert.match(errorWords(new ApiError(404, { code: 'ACCOUNT_NOT_FOUND' })), /Open one first/);
  assert.match(errorWords(new TypeError('x')), /Reload/);
  assert.match(errorWords(new ApiError(409, { code: 'IDEMPOTENCY_KEY_IN_USE', detail: 'no' })), /still being done/);
});

test('an action without a clear answer is told as one that may have been done', () => {
  for (const status of [0, 500, 502, 503, 504]) {
    assert.match(actionErrorWords(new ApiError(status)), /may have been done. Sending the same again is safe/, String(status));
  }
  assert.match(actionErrorWords(new ApiError(500, { request_id: 'r7' })), /Reference: r7/);
  for (const status of [400, 409, 422, 429]) assert.doesNotMatch(actionErrorWords(new ApiError(status)), /may have been done/, String(status));
});

test('statuses and descriptions are told in words', () => {
  const order = { id: '', amount: 1, description: '', create_time: '', update_time: '' };
  assert.equal(statusWords({ ...order, status: 'CANCELLED', cancel_reason: 'INSUFFICIENT_FUNDS' }).note, 'not enough money in the account');
  assert.equal(statusWords({ ...order, status: 'CANCELLED', cancel_reason: 'LATER_ADDED' }).note, 'the payment was declined');
  assert.equal(descriptionFaultWords('🙂'.repeat(1_000)), '');
  assert.match(descriptionFaultWords('x'.repeat(1_001)), /1001 characters/);
  assert.match(descriptionFaultWords('a\u0000b'), /control character/);
});
