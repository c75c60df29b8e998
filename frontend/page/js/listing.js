/**
 * Lists loaded page by page, newest first. The order is the server's: it alone
 * knows in which one the entries of a ledger happened. All functions return a
 * new listing; `before` is the listing for which a page was asked for.
 */

/** @template T @typedef {import('./types.js').Page<T>} Page */

/** @returns {Page<any>} */
export function emptyListing() {
  return { items: [], nextPageToken: '' };
}

/**
 * @template {{ id: string }} T
 * @param {T[]} items
 * @param {T[]} others
 */
function without(items, others) {
  const ids = new Set(others.map(({ id }) => id));
  return items.filter(({ id }) => !ids.has(id));
}

/**
 * Takes in the newest page. Where it does not reach down to what is loaded, it
 * replaces that, so that the listing never has a hole. What was made or settled
 * while the page was on its way stays so.
 * @template {{ id: string, status?: string }} T
 * @param {Page<T>} listing
 * @param {Page<T>} page
 * @param {Page<T>} before
 * @returns {Page<T>}
 */
export function withNewest(listing, page, before) {
  const oldest = page.items.at(-1);
  const connects = oldest !== undefined && listing.items.some(({ id }) => id === oldest.id);
  const first = before.items[0];
  const made = first ? listing.items.findIndex(({ id }) => id === first.id) : listing.items.length;
  const settled = new Map(listing.items.filter(({ status }) => status !== 'NEW').map((item) => [item.id, item]));
  return {
    items: [
      ...without(listing.items.slice(0, made), page.items),
      ...page.items.map((item) => settled.get(item.id) ?? item),
      ...(connects ? without(listing.items.slice(made), page.items) : []),
    ],
    nextPageToken: connects ? listing.nextPageToken : page.nextPageToken,
  };
}

/**
 * Takes in the page after the last one, unless the listing was replaced
 * meanwhile: there would be a hole between the two.
 * @template {{ id: string }} T
 * @param {Page<T>} listing
 * @param {Page<T>} page
 * @param {Page<T>} before
 * @returns {Page<T>}
 */
export function withOlder(listing, page, before) {
  if (listing.nextPageToken !== before.nextPageToken) return listing;
  return { items: [...listing.items, ...without(page.items, listing.items)], nextPageToken: page.nextPageToken };
}

/**
 * Takes in an item just made, which may be listed already.
 * @template {{ id: string }} T
 * @param {Page<T>} listing
 * @param {T} item
 * @returns {Page<T>}
 */
export function withMade(listing, item) {
  return { ...listing, items: [...without([item], listing.items), ...listing.items] };
}

/**
 * Takes in how an item has settled, if it is listed.
 * @template {{ id: string }} T
 * @param {Page<T>} listing
 * @param {T} item
 * @returns {Page<T>}
 */
export function withSettled(listing, item) {
  return { ...listing, items: listing.items.map((known) => (known.id === item.id ? item : known)) };
}
