/**
 * Money is a whole number of minor units (cents) everywhere. Text is converted
 * digit by digit, never through a fraction, so it is exact up to the limit.
 */

/** The largest amount and balance of the API: 2^53 - 1 minor units. */
export const MAX_MINOR = Number.MAX_SAFE_INTEGER;

const MINOR_DIGITS = 2;
const GROUP_SIZE = 3;
const GROUP_SEPARATOR = '\u202f';
/** More digits than any valid amount has; longer input is refused unread. */
const MAX_INPUT_DIGITS = 32;

/**
 * @typedef {'empty' | 'malformed' | 'decimals' | 'zero' | 'too-large'} AmountFault
 * @typedef {{ minor: number, fault?: undefined } | { minor?: undefined, fault: AmountFault }} ParsedAmount
 */

/**
 * Reads an amount as a person writes it: `10`, `10.5`, `10,50`, `1 000.00`.
 * @param {string} text
 * @returns {ParsedAmount}
 */
export function parseAmount(text) {
  const compact = text.replace(/\s/g, '');
  if (compact === '') return { fault: 'empty' };
  const match = /^(\d*)(?:[.,](\d*))?$/.exec(compact);
  if (!match || !/\d/.test(compact)) return { fault: 'malformed' };
  const [, units = '', decimals = ''] = match;
  if (decimals.length > MINOR_DIGITS) return { fault: 'decimals' };
  const significant = units.replace(/^0+/, '');
  if (significant.length > MAX_INPUT_DIGITS) return { fault: 'too-large' };
  const minor = BigInt(significant + decimals.padEnd(MINOR_DIGITS, '0'));
  if (minor === 0n) return { fault: 'zero' };
  if (minor > BigInt(MAX_MINOR)) return { fault: 'too-large' };
  return { minor: Number(minor) };
}

/**
 * Splits an amount into its shown parts: 123456 is `1 234` and `56`.
 * @param {number} minor a whole number, 0 to MAX_MINOR
 * @returns {{ units: string, decimals: string }}
 */
export function splitMinor(minor) {
  if (!Number.isSafeInteger(minor) || minor < 0) throw new RangeError('not an amount of minor units');
  const digits = String(minor).padStart(MINOR_DIGITS + 1, '0');
  const units = digits.slice(0, -MINOR_DIGITS);
  const grouping = new RegExp(`\\B(?=(\\d{${GROUP_SIZE}})+$)`, 'g');
  return { units: units.replace(grouping, GROUP_SEPARATOR), decimals: digits.slice(-MINOR_DIGITS) };
}

/**
 * @param {number} minor
 * @returns {string} such as `1 234.56`
 */
export function formatMinor(minor) {
  const { units, decimals } = splitMinor(minor);
  return `${units}.${decimals}`;
}
