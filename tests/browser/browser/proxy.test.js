import assert from 'node:assert/strict';
import { request } from 'node:http';
import { connect } from 'node:net';
import { test } from 'node:test';
import { FRONTEND_URL, newUserId } from './person.js';

const { hostname, port } = new URL(FRONTEND_URL);

/** How long the server may keep a connection that it should close. */
const CLOSE_TIMEOUT_MS = 5_000;
const BODY_LIMIT_BYTES = 64 * 1_024;

/**
 * Sends a request whose path goes out exactly as given.
 * @param {string} path
 * @param {{ method?: string, headers?: Record<string, string>, body?: string }} [options]
 * @returns {Promise<{ status: number, headers: import('node:http').IncomingHttpHeaders, text: string }>}
 */
function send(path, { method = 'GET', headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const call = request({ hostname, port, path, method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    call.on('error', reject);
    call.end(body);
  });
}

/**
 * Sends bytes and reads until the server closes.
 * @param {string} bytes
 * @returns {Promise<string>}
 */
function sendRaw(bytes) {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port || 80), hostname, () => socket.write(bytes));
    let text = '';
    socket.setEncoding('utf8');
    socket.setTimeout(CLOSE_TIMEOUT_MS, () => socket.destroy(new Error(`not closed after: ${text}`)));
    socket.on('data', (chunk) => (text += chunk));
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
  });
}

/** @param {{ status: number, headers: import('node:http').IncomingHttpHeaders, text: string }} answer @param {number} status */
function assertProblem(answer, status) {
  assert.equal(answer.status, status, answer.text);
  assert.match(answer.headers['content-type'] ?? '', /^application\/problem\+json/);
  const problem = JSON.parse(answer.text);
  assert.equal(problem.status, status);
  assert.match(problem.type, /^urn:problem:[a-z0-9-]+$/);
  for (const field of ['title', 'detail', 'code', 'request_id']) assert.ok(problem[field], field);
}

test('both services answer through the proxy', async () => {
  for (const service of ['orders', 'payments']) {
    const { status, text } = await send(`/api/${service}/health`);
    assert.deepEqual([status, JSON.parse(text).status], [200, 'ok'], service);
  }
});

test('nothing outside the page and the routes is served', async () => {
  const paths = ['/.env', '/.git/config', '/js/.hidden', '/api/orders/../../etc/passwd', '/api/orders%2f..', '/api/orders%2f..%2f..%2fetc/passwd', '/problem/503', '/nowhere'];
  for (const path of paths) {
    const { status } = await send(path);
    assert.ok([400, 404].includes(status), `${path}: ${status}`);
  }
});

test('a folder is a page only where it has one', async () => {
  const front = await send('/');
  assert.deepEqual([front.status, front.headers['content-type']], [200, 'text/html; charset=utf-8']);
  for (const path of ['/js', '/js/']) {
    const { status, text } = await send(path);
    assert.equal(status, 404, path);
    assert.match(text, /Go to orders and payments/, path);
  }
});

test('what the proxy itself refuses is told as a problem', async () => {
  for (const path of ['/api/', '/api/nowhere', '/api/orders', '/api/payments']) assertProblem(await send(path), 404);
  assertProblem(await send(`/${'a'.repeat(9_000)}`), 414);
  assertProblem(await send('/', { headers: { 'X-Long': 'a'.repeat(9_000) } }), 431);
  const read = await send('/', { method: 'POST' });
  assertProblem(read, 405);
  assert.equal(read.headers.allow, 'GET, HEAD');
  const large = await send('/api/orders/orders', { method: 'POST', headers: { 'X-User-Id': newUserId() }, body: ' '.repeat(BODY_LIMIT_BYTES + 1) });
  assertProblem(large, 413);
});

test('a request framed in two ways is refused, and nothing behind it is served', async () => {
  const head = 'POST /api/orders/orders HTTP/1.1\r\nHost: page\r\n';
  const hidden = 'GET /api/orders/health HTTP/1.1\r\nHost: page\r\n\r\n';
  const framings = [
    'Content-Length: 3\r\nContent-Length: 4\r\n\r\nabc',
    'Content-Length: -1\r\n\r\n',
    'Transfer-Encoding: xchunked\r\n\r\n',
    'Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  ];
  for (const framing of framings) {
    const text = await sendRaw(head + framing + hidden);
    assert.match(text, /^HTTP\/1\.1 (400|501) /, framing);
    assert.equal(text.match(/HTTP\/1\.1 /g)?.length, 1, framing);
  }
});

test('an order made through the proxy is found where Location says', async () => {
  const headers = { 'X-User-Id': newUserId(), 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked' };
  const made = await send('/api/orders/orders', { method: 'POST', headers, body: '{"amount":100,"description":"coffee"}' });
  assert.equal(made.status, 201, made.text);
  const { id } = JSON.parse(made.text);
  assert.equal(made.headers.location, `/api/orders/orders/${id}`);
  const found = await send(made.headers.location, { headers: { 'X-User-Id': headers['X-User-Id'] } });
  assert.equal(JSON.parse(found.text).id, id);
  assert.equal(found.headers['cache-control'], 'no-store');
});
