import { ApiError, isTransient } from './api.js';
import { MAX_MINOR, formatMinor } from './money.js';

/**
 * @typedef {import('./types.js').Order} Order
 * @typedef {import('./money.js').AmountFault} AmountFault
 */

/** Longest description of an order, in Unicode characters. */
export const MAX_DESCRIPTION_LENGTH = 1_000;

/** @type {Record<AmountFault, string>} */
const AMOUNT_FAULTS = {
  empty: 'Enter an amount, such as 10 or 10.50.',
  malformed: 'Enter digits only, such as 10 or 10.50.',
  decimals: 'Use at most two digits after the decimal sign, and spaces between thousands.',
  zero: 'The amount must be at least 0.01.',
  'too-large': `The amount can be at most ${formatMinor(MAX_MINOR)}.`,
};

/** @param {AmountFault} fault */
export const amountFaultWords = (fault) => AMOUNT_FAULTS[fault];

/**
 * @param {string} text
 * @returns {string} what is wrong with it, or nothing
 */
export function descriptionFaultWords(text) {
  const length = [...text].length;
  if (length > MAX_DESCRIPTION_LENGTH) {
    return `The description has ${length} characters; ${MAX_DESCRIPTION_LENGTH} is the most.`;
  }
  return /[\u0000-\u0008\u000b-\u001f\u007f]/.test(text) ? 'The description contains a control character.' : '';
}

/** @type {Record<string, string>} */
const CANCEL_REASONS = {
  INSUFFICIENT_FUNDS: 'not enough money in the account',
  ACCOUNT_NOT_FOUND: 'there was no account to pay from',
};

/**
 * @param {Order} order
 * @returns {{ label: string, note: string }}
 */
export function statusWords(order) {
  if (order.status === 'FINISHED') return { label: 'Finished', note: 'paid' };
  if (order.status === 'CANCELLED') {
    return { label: 'Cancelled', note: CANCEL_REASONS[order.cancel_reason ?? ''] ?? 'the payment was declined' };
  }
  return { label: 'New', note: 'waiting for the payment' };
}

/** @param {Order} order */
export const orderName = (order) => order.description.trim() || 'Order without a description';

/** @type {Record<string, string>} */
const CODES = {
  ACCOUNT_NOT_FOUND: 'There is no account yet. Open one first.',
  ACCOUNT_ALREADY_EXISTS: 'This user has an account already.',
  BALANCE_LIMIT_EXCEEDED: `The balance would pass ${formatMinor(MAX_MINOR)}, the most an account can hold.`,
  IDEMPOTENCY_KEY_IN_USE: 'This is still being done. Try again in a moment.',
  INVALID_USER_ID: 'The service does not accept this user id.',
};

/** @param {number} seconds */
const soon = (seconds) => (seconds > 1 ? `in ${Math.ceil(seconds)} seconds` : 'in a moment');

/** @param {ApiError} error @returns {string} nothing where it will pass by itself */
const reference = (error) => (isTransient(error) || !error.requestId ? '' : ` Reference: ${error.requestId}`);

/** @param {ApiError} error */
function readWords(error) {
  if (error.status === 0) return 'The service cannot be reached. Check the connection and try again.';
  if (error.status === 503) return `The service is not available right now. Try again ${soon(error.retryAfterSeconds)}.`;
  if (error.status === 504 || error.status === 502) return 'The service took too long to answer. Try again.';
  if (error.status === 429) return `Too many requests. Try again ${soon(error.retryAfterSeconds)}.`;
  if (error.status >= 500) return `Something went wrong on our side.${reference(error)}`;
  return CODES[error.code] ?? (error.detail || 'The service refused the request.');
}

/**
 * What went wrong, for the person.
 * @param {unknown} error
 * @returns {string}
 */
export function errorWords(error) {
  return error instanceof ApiError ? readWords(error) : 'Something went wrong on this page. Reload it and try again.';
}

/**
 * The same for an action. No answer, or one from 500 on, leaves open whether it was done.
 * @param {unknown} error
 * @returns {string}
 */
export function actionErrorWords(error) {
  if (error instanceof ApiError && (error.status === 0 || error.status >= 500)) {
    return `No clear answer came, so it may have been done. Sending the same again is safe: it is not done twice.${reference(error)}`;
  }
  return errorWords(error);
}
