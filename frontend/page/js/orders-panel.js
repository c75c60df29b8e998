import { byId, drawList, hideMore, tell } from './dom.js';
import { onSubmit, resetForm, setFault, setFaultsFrom } from './form.js';
import { emptyListing, withMade, withNewest, withOlder, withSettled } from './listing.js';
import { formatMinor, parseAmount } from './money.js';
import { drawOrder } from './order-row.js';
import { coalesce } from './timing.js';
import { MAX_WATCHED, createWatcher } from './watch.js';
import { actionErrorWords, amountFaultWords, descriptionFaultWords, errorWords, orderName, statusWords } from './words.js';

/**
 * @typedef {import('./session.js').Session} Session
 * @typedef {import('./types.js').Order} Order
 */

/**
 * Ordering, and the list of orders, each watched until it settles.
 * @param {{ onSettled: () => void, onChanged: () => void }} options
 *   onSettled: the balance may have moved; onChanged: the list shows something else
 */
export function createOrdersPanel({ onSettled, onChanged }) {
  const form = byId('order', HTMLFormElement);
  const amount = byId('order-amount', HTMLInputElement);
  const description = byId('order-description', HTMLInputElement);
  const formMessage = byId('order-message', HTMLElement);
  const list = byId('orders-list', HTMLElement);
  const empty = byId('orders-empty', HTMLElement);
  const more = byId('orders-more', HTMLButtonElement);
  const message = byId('orders-message', HTMLElement);

  /** @type {Session | null} */
  let session = null;
  /** @type {import('./types.js').Page<Order>} */
  let listing = emptyListing();
  /** @type {ReturnType<typeof createWatcher> | null} */
  let watcher = null;
  let refresh = async () => {};
  let older = async () => {};

  const show = () => {
    drawList(list, listing.items, (order, known) =>
      drawOrder(order, known, {
        watched: watcher?.isWatched(order.id) ?? false,
        onAskAgain: () => watch([order]),
      }),
    );
    hideMore(more, list, listing.nextPageToken === '');
    onChanged();
  };

  /** @param {Order[]} orders newest first */
  const watch = (orders) => {
    const unsettled = orders.filter(({ status }) => status === 'NEW').slice(0, MAX_WATCHED);
    for (const { id } of unsettled.reverse()) void watcher?.watch(id);
    show();
  };

  // Windows out of sight leave the connections to those in sight.
  const followWhileVisible = () => watcher?.setFollowing(!document.hidden);

  /** @param {Order} order */
  const settled = (order) => {
    listing = withSettled(listing, order);
    const { label, note } = statusWords(order);
    tell(formMessage, `${orderName(order)}, ${formatMinor(order.amount)}: ${label.toLowerCase()}, ${note}.`, {
      tone: order.status === 'FINISHED' ? 'info' : 'error',
    });
    show();
    onSettled();
  };

  /** @param {Session} mine @param {() => Promise<void>} task @param {() => void} again */
  const attempt = async (mine, task, again) => {
    try {
      await task();
      tell(message, '');
    } catch (error) {
      if (mine.signal.aborted) return;
      tell(message, errorWords(error), { tone: 'error', action: { label: 'Try again', run: again } });
    }
  };

  /** @param {Session} mine */
  const load = (mine) =>
    attempt(
      mine,
      async () => {
        const before = listing;
        const page = await mine.api.orders();
        listing = withNewest(listing, page, before);
        watch(listing.items);
        empty.hidden = listing.items.length > 0;
      },
      () => void refresh(),
    );

  /** @param {Session} mine */
  const loadOlder = (mine) =>
    attempt(
      mine,
      async () => {
        // A click while the last page was on its way.
        if (listing.nextPageToken === '') return;
        const before = listing;
        const page = await mine.api.orders(before.nextPageToken);
        listing = withOlder(listing, page, before);
        show();
      },
      () => more.click(),
    );

  /** @returns {number | null} the amount, if the whole form is in order */
  const check = () => {
    const { minor, fault } = parseAmount(amount.value);
    const descriptionFault = descriptionFaultWords(description.value);
    setFault(amount, fault ? amountFaultWords(fault) : '');
    setFault(description, descriptionFault);
    if (fault) amount.focus();
    else if (descriptionFault) description.focus();
    return minor === undefined || descriptionFault ? null : minor;
  };

  onSubmit(form, async () => {
    const mine = session;
    tell(formMessage, '');
    const minor = check();
    if (!mine || minor === null) return;
    try {
      const order = await mine.api.createOrder(minor, description.value);
      form.reset();
      listing = withMade(listing, order);
      empty.hidden = true;
      tell(formMessage, `${orderName(order)}, ${formatMinor(minor)}: ordered, waiting for the payment.`);
      watch([order]);
    } catch (error) {
      if (mine.signal.aborted || setFaultsFrom(error, { amount, description })) return;
      tell(formMessage, actionErrorWords(error), { tone: 'error' });
      // Where the order was made after all, the list may show it settled already.
      void refresh().then(onSettled);
    }
  });
  more.addEventListener('click', () => void older());
  document.addEventListener('visibilitychange', followWhileVisible);

  return {
    /** @param {Session | null} next whose orders to show; null shows nobody's */
    use(next) {
      session = next;
      listing = emptyListing();
      watcher =
        next &&
        createWatcher({
          fetchOrder: next.api.order,
          followOrder: next.api.orderAfterEvents,
          signal: next.signal,
          onSettled: settled,
          onGivenUp: show,
        });
      followWhileVisible();
      resetForm(form, formMessage);
      tell(message, '');
      show();
      empty.hidden = true;
      refresh = next ? coalesce(() => load(next)) : async () => {};
      older = next ? coalesce(() => loadOlder(next)) : async () => {};
      void refresh();
    },
    refresh: () => refresh(),
    /** @param {string} id @returns {string | undefined} undefined when the order is not loaded */
    nameOf: (id) => {
      const order = listing.items.find((item) => item.id === id);
      return order && orderName(order);
    },
  };
}
