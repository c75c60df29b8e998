/** Longest user id, in characters. */
export const MAX_USER_ID_LENGTH = 64;

const USER_ID = /^[A-Za-z0-9][A-Za-z0-9._@:-]{0,63}$/;

/**
 * @param {string} text
 * @returns {boolean} whether the API takes it as `X-User-Id`
 */
export function isUserId(text) {
  return USER_ID.test(text);
}

const STORAGE_KEY = 'user-id';

/** @returns {string | null} the user id of the last visit, if it is one */
export function recallUserId() {
  try {
    const stored = localStorage.getItem(STORAGE_KEY);
    return stored !== null && isUserId(stored) ? stored : null;
  } catch {
    return null; // storage may be switched off; the page works without it
  }
}

/** @param {string | null} userId null forgets it */
export function rememberUserId(userId) {
  try {
    if (userId === null) localStorage.removeItem(STORAGE_KEY);
    else localStorage.setItem(STORAGE_KEY, userId);
  } catch {
    // storage may be switched off; the page works without it
  }
}
