/**
 * Lists loaded page by page, newest first. Ids are UUID v7, so the order of
 * the ids is the order in time. All functions return a new listing.
 */

/** @template T @typedef {import('./types.js').Page<T>} Page */

/** @returns {Page<any>} */
export function emptyListing() {
  return { items: [], nextPageToken: '' };
}

/**
 * @template {{ id: string, status?: string }} T
 * @param {T[]} older
 * @param {T[]} fresher wins, except that a settled order never turns NEW again
 * @returns {T[]}
 */
function union(older, fresher) {
  const byId = new Map(older.map((item) => [item.id, item]));
  for (const item of fresher) {
    const known = byId.get(item.id);
    if (known && known.status !== 'NEW' && item.status === 'NEW') continue;
    byId.set(item.id, item);
  }
  return [...byId.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
}

/**
 * Takes in the newest page. Where it does not reach down to what is loaded, it
 * replaces that, so that the listing never has a hole. An item made while the
 * page was on its way stays.
 * @template {{ id: string, status?: string }} T
 * @param {Page<T>} listing
 * @param {Page<T>} page
 * @returns {Page<T>}
 */
export function withNewest(listing, page) {
  const oldest = page.items.at(-1);
  const connects = oldest !== undefined && listing.items.some((item) => item.id === oldest.id);
  if (connects) {
    return { items: union(listing.items, page.items), nextPageToken: listing.nextPageToken };
  }
  const newest = page.items[0];
  const kept = listing.items.filter((item) => newest === undefined || item.id >= newest.id);
  return { items: union(kept, page.items), nextPageToken: page.nextPageToken };
}

/**
 * Takes in the page after the last one.
 * @template {{ id: string, status?: string }} T
 * @param {Page<T>} listing
 * @param {Page<T>} page
 * @returns {Page<T>}
 */
export function withOlder(listing, page) {
  return { items: union(listing.items, page.items), nextPageToken: page.nextPageToken };
}

/**
 * Takes in one item: a new one, or another state of a known one.
 * @template {{ id: string, status?: string }} T
 * @param {Page<T>} listing
 * @param {T} item
 * @returns {Page<T>}
 */
export function withItem(listing, item) {
  return { ...listing, items: union(listing.items, [item]) };
}
