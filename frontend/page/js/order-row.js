import { make, makeTime, takeFocus } from './dom.js';
import { formatMinor } from './money.js';
import { orderName, statusWords } from './words.js';

/** @typedef {import('./types.js').Order} Order */

/**
 * @param {Order} order
 * @param {HTMLElement | null} known its row, if it has one already
 * @param {{ watched: boolean, onAskAgain: () => void }} options watched: its settling is being waited for
 * @returns {HTMLElement}
 */
export function drawOrder(order, known, { watched, onAskAgain }) {
  const row = known ?? makeRow(order);
  const state = `${order.status} ${watched}`;
  if (row.dataset['state'] === state) return row;
  row.dataset['state'] = state;
  row.dataset['status'] = order.status;
  row.dataset['watched'] = String(watched);
  const { label, note } = statusWords(order);
  const status = /** @type {HTMLElement} */ (row.querySelector('.status'));
  if (status.contains(document.activeElement)) takeFocus(row);
  status.replaceChildren(make('strong', '', label), ' ', make('span', 'note', note));
  if (order.status === 'NEW' && !watched) {
    const again = make('button', 'quiet', 'Check again');
    again.type = 'button';
    again.setAttribute('aria-label', `Check again: ${orderName(order)}`);
    again.addEventListener('click', onAskAgain);
    status.append(' ', again);
  }
  return row;
}

/** @param {Order} order */
function makeRow(order) {
  const row = make('li', 'slip');
  const when = make('span', 'when');
  when.append(makeTime(order.create_time));
  const first = make('div', 'line');
  first.append(make('bdi', 'what', orderName(order)), make('span', 'amount', formatMinor(order.amount)));
  const second = make('div', 'line');
  second.append(make('span', 'status'), when);
  row.append(first, second, make('div', 'track'));
  return row;
}
