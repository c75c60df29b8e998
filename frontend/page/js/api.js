import { backoff, pause } from './timing.js';

/**
 * @typedef {import('./types.js').Order} Order
 * @typedef {import('./types.js').Balance} Balance
 * @typedef {import('./types.js').Transaction} Transaction
 * @typedef {import('./types.js').Problem} Problem
 */
/** @template T @typedef {import('./types.js').Page<T>} Page */

/** Rows asked for at once. */
const PAGE_SIZE = 20;
/** How long an answer may take, and how long an order's events are waited for at a stretch. */
const ANSWER_TIMEOUT_MS = 15_000;
const EVENTS_TIMEOUT_MS = 60_000;
/** How reads are repeated when the service is out of reach. Writes are repeated by the person alone. */
const READ_RETRY_PLAN = { firstMs: 400, factor: 2, capMs: 4_000, totalMs: 9_000 };
/** The longest `Retry-After` that a repeated read obeys. */
const MAX_RETRY_AFTER_SECONDS = 5;

const TRANSIENT_STATUSES = new Set([429, 502, 503, 504]);

/** Why a call failed. Status 0: no whole answer arrived. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {Problem} [problem]
   * @param {number} [retryAfterSeconds]
   */
  constructor(status, problem = {}, retryAfterSeconds = 0) {
    super(problem.detail ?? problem.title ?? `status ${status}`);
    this.name = 'ApiError';
    this.status = status;
    this.code = problem.code ?? '';
    this.detail = problem.detail ?? problem.title ?? '';
    this.fields = Array.isArray(problem.errors) ? problem.errors : [];
    this.requestId = problem.request_id ?? '';
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/**
 * @param {unknown} error
 * @returns {boolean} whether asking again later can help
 */
export function isTransient(error) {
  return error instanceof ApiError && (error.status === 0 || TRANSIENT_STATUSES.has(error.status));
}

/**
 * @param {string} text
 * @returns {any} undefined when it is not JSON
 */
function parseJson(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * @param {string} text a whole stream of server-sent events
 * @returns {any} what the last of them says; undefined when there is none
 */
function parseLastEvent(text) {
  const field = 'data: ';
  const last = text.split('\n').findLast((line) => line.startsWith(field));
  return last && parseJson(last.slice(field.length));
}

/** The kinds of a good answer. */
const JSON_ANSWER = { type: 'application/json', timeoutMs: ANSWER_TIMEOUT_MS, parse: parseJson };
const EVENTS_ANSWER = { type: 'text/event-stream', timeoutMs: EVENTS_TIMEOUT_MS, parse: parseLastEvent };

/** @param {Response} response */
function retryAfterOf(response) {
  const seconds = Number(response.headers.get('Retry-After'));
  return Number.isFinite(seconds) && seconds > 0 ? seconds : 0;
}

/** @returns {string} random; randomUUID would be missing where the page comes over plain HTTP */
const newKey = () => crypto.getRandomValues(new Uint32Array(4)).join('-');

/**
 * The calls of one user. After the signal is aborted no call ever resolves, so
 * a late answer cannot reach another user's screen.
 * @param {object} options
 * @param {string} options.userId
 * @param {AbortSignal} options.signal
 * @param {(outOfReach: boolean) => void} [options.onReach] whether any read is being repeated just now
 * @param {typeof globalThis.fetch} [options.fetch]
 */
export function createApi({ userId, signal, onReach = () => {}, fetch = globalThis.fetch.bind(globalThis) }) {
  /**
   * @param {'GET' | 'POST'} method
   * @param {string} path
   * @param {object} [options]
   * @param {string} [options.body] JSON
   * @param {string} [options.key] what is done under one key is done once, however often it is called
   * @param {typeof JSON_ANSWER} [options.answer]
   * @param {AbortSignal} [options.end] ends this call alone, as if no answer had arrived
   * @returns {Promise<any>}
   */
  const call = async (method, path, { body, key, answer = JSON_ANSWER, end = signal } = {}) => {
    /** @type {Response} */
    let response;
    let text;
    try {
      response = await fetch(`/api/${path}`, {
        method,
        headers: {
          'X-User-Id': userId,
          Accept: answer.type,
          ...(body && { 'Content-Type': 'application/json' }),
          ...(key && { 'Idempotency-Key': key }),
        },
        ...(body && { body }),
        cache: 'no-store',
        credentials: 'same-origin',
        signal: AbortSignal.any([signal, end, AbortSignal.timeout(answer.timeoutMs)]),
      });
      text = await response.text();
    } catch {
      signal.throwIfAborted();
      throw new ApiError(0);
    }
    signal.throwIfAborted();
    if (!response.ok) throw new ApiError(response.status, parseJson(text), retryAfterOf(response));
    const said = answer.parse(text);
    if (said === undefined) throw new ApiError(0);
    return said;
  };

  /** @type {Map<string, { body: string, key: string }>} by path, what was sent last and is not known to be done */
  const unfinished = new Map();

  /**
   * Sent again with the same content, it has the same key until it is done: a failure may
   * have come after the doing, and a refusal leaves the key free.
   * @param {string} path
   * @param {object} content
   */
  const writeOnce = async (path, content) => {
    const body = JSON.stringify(content);
    const last = unfinished.get(path);
    const key = last?.body === body ? last.key : newKey();
    unfinished.set(path, { body, key });
    const done = await call('POST', path, { body, key });
    unfinished.delete(path);
    return done;
  };

  let readsRepeated = 0;

  /** @param {1 | -1} change */
  const countRepeated = (change) => {
    readsRepeated += change;
    if (!signal.aborted) onReach(readsRepeated > 0);
  };

  /** @param {string} path @param {ApiError} failure of the first try */
  const repeat = async (path, failure) => {
    let last = failure;
    for (const delay of backoff(READ_RETRY_PLAN)) {
      const asked = Math.min(last.retryAfterSeconds, MAX_RETRY_AFTER_SECONDS) * 1_000;
      await pause(Math.max(delay, asked), signal);
      try {
        return await call('GET', path);
      } catch (error) {
        if (!(error instanceof ApiError) || !isTransient(error)) throw error;
        last = error;
      }
    }
    throw last;
  };

  /** @param {string} path */
  const read = async (path) => {
    try {
      return await call('GET', path);
    } catch (error) {
      if (!(error instanceof ApiError) || !isTransient(error)) throw error;
      countRepeated(1);
      try {
        return await repeat(path, error);
      } finally {
        countRepeated(-1);
      }
    }
  };

  /** @param {string} pageToken */
  const paging = (pageToken) => new URLSearchParams({ page_size: String(PAGE_SIZE), ...(pageToken && { page_token: pageToken }) });

  return {
    /** Needs no key: a user has one account at most. @returns {Promise<Balance>} */
    openAccount: () => call('POST', 'payments/accounts', { body: '{}' }),
    /** @param {number} amount @returns {Promise<Balance>} */
    topUp: (amount) => writeOnce('payments/accounts/topup', { amount }),
    /** @returns {Promise<Balance>} */
    balance: () => read('payments/accounts/balance'),
    /** @param {string} [pageToken] @returns {Promise<Page<Transaction>>} */
    transactions: async (pageToken = '') => {
      const answer = await read(`payments/accounts/transactions?${paging(pageToken)}`);
      return { items: answer.transactions, nextPageToken: answer.next_page_token ?? '' };
    },
    /** @param {number} amount @param {string} description @returns {Promise<Order>} */
    createOrder: (amount, description) => writeOnce('orders/orders', { amount, description }),
    /** @param {string} [pageToken] @returns {Promise<Page<Order>>} */
    orders: async (pageToken = '') => {
      const answer = await read(`orders/orders?${paging(pageToken)}`);
      return { items: answer.orders, nextPageToken: answer.next_page_token ?? '' };
    },
    /** Not repeated by itself: who watches an order asks again anyway. @param {string} id @returns {Promise<Order>} */
    order: (id) => call('GET', `orders/orders/${encodeURIComponent(id)}`),
    /**
     * The order at the end of its events, which comes when it has settled; earlier where the
     * service ends them. It holds a connection meanwhile. Not repeated either.
     * @param {string} id
     * @param {AbortSignal} end
     * @returns {Promise<Order>}
     */
    orderAfterEvents: (id, end) => call('GET', `orders/orders/${encodeURIComponent(id)}/events`, { answer: EVENTS_ANSWER, end }),
  };
}

/** @typedef {ReturnType<typeof createApi>} Api */
