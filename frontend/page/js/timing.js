/**
 * Waits, unless the signal ends the wait: then it rejects with its reason.
 * @param {number} milliseconds
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
export function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, milliseconds);
    signal.addEventListener('abort', onAbort, { once: true });
  });
}

/**
 * Growing delays, ended before their sum would pass the total.
 * @param {{ firstMs: number, factor: number, capMs: number, totalMs: number }} plan
 * @returns {Generator<number, void, void>}
 */
export function* backoff({ firstMs, factor, capMs, totalMs }) {
  let left = totalMs;
  for (let delay = firstMs; delay <= left; delay = Math.min(delay * factor, capMs)) {
    yield delay;
    left -= delay;
  }
}

/**
 * Runs one task at a time. A call during a run makes it run once more, so the
 * last run always starts after the last call.
 * @param {() => Promise<void>} task
 * @returns {() => Promise<void>}
 */
export function coalesce(task) {
  /** @type {Promise<void> | null} */
  let running = null;
  let again = false;
  const loop = async () => {
    try {
      do {
        again = false;
        await task();
      } while (again);
    } finally {
      running = null;
    }
  };
  return () => {
    if (running) again = true;
    else running = loop();
    return /** @type {Promise<void>} */ (running);
  };
}
