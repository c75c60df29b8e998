import { ApiError } from './api.js';
import { byId, drawList, hideMore, make, makeTime, tell } from './dom.js';
import { emptyListing, withNewest, withOlder } from './listing.js';
import { formatMinor } from './money.js';
import { coalesce } from './timing.js';
import { errorWords } from './words.js';

/**
 * @typedef {import('./session.js').Session} Session
 * @typedef {import('./types.js').Transaction} Transaction
 */

/**
 * The account's entries, newest first.
 * @param {{ nameOfOrder: (id: string) => string | undefined }} options
 */
export function createLedgerPanel({ nameOfOrder }) {
  const list = byId('ledger-list', HTMLElement);
  const empty = byId('ledger-empty', HTMLElement);
  const more = byId('ledger-more', HTMLButtonElement);
  const message = byId('ledger-message', HTMLElement);

  /** @type {Session | null} */
  let session = null;
  /** @type {import('./types.js').Page<Transaction>} */
  let listing = emptyListing();
  let refresh = async () => {};

  /** @param {Transaction} entry @param {HTMLElement | null} known entries never change, but names of orders arrive later */
  const draw = (entry, known) => {
    const name = entry.kind === 'TOP_UP' ? 'Top-up' : (nameOfOrder(entry.order_id ?? '') ?? 'Order');
    const what = known?.querySelector('.what');
    if (known && what) {
      what.textContent = name;
      return known;
    }
    const row = make('li', 'entry');
    row.dataset['kind'] = entry.kind;
    const when = make('span', 'when');
    when.append(makeTime(entry.create_time));
    const sign = entry.kind === 'TOP_UP' ? '+' : '−';
    const first = make('div', 'line');
    first.append(make('bdi', 'what', name), make('span', 'amount', `${sign}${formatMinor(entry.amount)}`));
    const second = make('div', 'line');
    second.append(when, make('span', 'after', `balance ${formatMinor(entry.balance_after)}`));
    row.append(first, second);
    return row;
  };

  const show = () => {
    drawList(list, listing.items, draw);
    hideMore(more, list, listing.nextPageToken === '');
  };

  /** @param {Session} mine @param {unknown} error @param {() => void} again */
  const fail = (mine, error, again) => {
    if (mine.signal.aborted) return;
    tell(message, errorWords(error), { tone: 'error', action: { label: 'Try again', run: again } });
  };

  /** @param {Session} mine */
  const load = async (mine) => {
    try {
      const before = listing;
      const page = await mine.api.transactions();
      listing = withNewest(listing, page, before);
      show();
    } catch (error) {
      const absent = error instanceof ApiError && error.code === 'ACCOUNT_NOT_FOUND';
      if (!absent) {
        fail(mine, error, () => void refresh());
        return;
      }
    }
    tell(message, '');
    empty.hidden = listing.items.length > 0;
  };

  /** @param {Session} mine */
  const loadOlder = async (mine) => {
    // A click while the last page was on its way.
    if (listing.nextPageToken === '') return;
    try {
      const before = listing;
      const page = await mine.api.transactions(before.nextPageToken);
      listing = withOlder(listing, page, before);
      show();
      tell(message, '');
    } catch (error) {
      fail(mine, error, () => more.click());
    }
  };

  let older = async () => {};
  more.addEventListener('click', () => void older());

  return {
    /** @param {Session | null} next whose ledger to show; null shows nobody's */
    use(next) {
      session = next;
      listing = emptyListing();
      show();
      empty.hidden = true;
      tell(message, '');
      refresh = next ? coalesce(() => load(next)) : async () => {};
      older = next ? coalesce(() => loadOlder(next)) : async () => {};
      void refresh();
    },
    refresh: () => refresh(),
    /** Draws again with the names of orders known by now. */
    rename: () => session && show(),
  };
}
