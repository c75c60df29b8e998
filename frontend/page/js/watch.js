import { isTransient } from './api.js';
import { backoff, pause } from './timing.js';

/** @typedef {import('./types.js').Order} Order */

/** The pauses between asking about an order until it settles: short, then ever longer, then no more. */
export const WATCH_PLAN = { firstMs: 10, factor: 2, capMs: 5_000, totalMs: 180_000 };

/** Orders asked about at the same time. */
export const MAX_WATCHED = 6;

/**
 * How many of them by their events. Each holds a connection meanwhile, and over HTTP/1.1 a
 * browser has six to one origin, for all windows together.
 */
export const MAX_FOLLOWED = 1;

/**
 * Asks until the order is settled or the plan is used up.
 * @param {() => Promise<Order>} ask answers at once, or when the order may have settled
 * @param {AbortSignal} signal
 * @param {typeof WATCH_PLAN} [plan]
 * @returns {Promise<Order | null>} null: not settled within the plan
 */
export async function untilSettled(ask, signal, plan = WATCH_PLAN) {
  for (const delay of backoff(plan)) {
    await pause(delay, signal);
    try {
      const order = await ask();
      if (order.status !== 'NEW') return order;
    } catch (error) {
      if (!isTransient(error)) throw error;
    }
  }
  return null;
}

/**
 * Watches the orders that were named last, at most MAX_WATCHED at a time; an
 * older one gives way and is reported as given up.
 * @param {object} options
 * @param {(id: string) => Promise<Order>} options.fetchOrder
 * @param {(id: string, end: AbortSignal) => Promise<Order>} options.followOrder answers when its events end
 * @param {AbortSignal} options.signal ends all watching, silently
 * @param {(order: Order) => void} options.onSettled
 * @param {(id: string) => void} options.onGivenUp
 */
export function createWatcher({ fetchOrder, followOrder, signal, onSettled, onGivenUp }) {
  /** @type {Map<string, AbortController>} in the order of their start */
  const watched = new Map();
  let followed = 0;
  /** Aborted while nothing may be followed. */
  let following = new AbortController();

  /** @param {string} id @param {AbortSignal} end */
  const ask = async (id, end) => {
    if (following.signal.aborted || followed >= MAX_FOLLOWED) return fetchOrder(id);
    followed += 1;
    try {
      return await followOrder(id, AbortSignal.any([end, following.signal]));
    } finally {
      followed -= 1;
    }
  };

  /** @param {string} id */
  const watch = async (id) => {
    if (watched.has(id)) return;
    const [oldest] = watched;
    if (oldest && watched.size === MAX_WATCHED) {
      watched.delete(oldest[0]);
      oldest[1].abort();
    }
    const own = new AbortController();
    watched.set(id, own);
    /** @type {Order | null} */
    let order = null;
    try {
      order = await untilSettled(() => ask(id, own.signal), AbortSignal.any([signal, own.signal]));
    } catch {
      if (signal.aborted) return;
    }
    // Where it gave way, it may be watched anew by now.
    if (watched.get(id) === own) watched.delete(id);
    if (order) onSettled(order);
    else onGivenUp(id);
  };

  return {
    watch,
    isWatched: (/** @type {string} */ id) => watched.has(id),
    /** @param {boolean} allowed false also ends what is being followed: it is asked about from then on */
    setFollowing(allowed) {
      if (!allowed) following.abort();
      else if (following.signal.aborted) following = new AbortController();
    },
  };
}
