import { createApi } from './api.js';

/**
 * One user's stay on the page. Ending it aborts all its calls and waits.
 * @param {string} userId
 * @param {(outOfReach: boolean) => void} onReach
 */
export function startSession(userId, onReach) {
  const controller = new AbortController();
  const { signal } = controller;
  const api = createApi({ userId, signal, onReach });
  return { userId, signal, api, end: () => controller.abort() };
}

/** @typedef {ReturnType<typeof startSession>} Session */
