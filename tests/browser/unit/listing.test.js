import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyListing, withMade, withNewest, withOlder, withSettled } from '../../../frontend/page/js/listing.js';

/** @param {string} ids one character each @param {string} [nextPageToken] */
const page = (ids, nextPageToken = '') => ({ items: [...ids].map((id) => ({ id })), nextPageToken });
/** @param {{ items: { id: string }[] }} listing */
const ids = ({ items }) => items.map(({ id }) => id).join('');

test('pages follow one another in the order of the server', () => {
  const first = withNewest(emptyListing(), page('bd', 'more'), emptyListing());
  const both = withOlder(first, page('ca'), first);
  assert.equal(ids(both), 'bdca');
  assert.equal(both.nextPageToken, '');
});

test('the newest page joins what it reaches and keeps the place in the list', () => {
  const loaded = page('dcba', '2');
  const joined = withNewest(loaded, page('fed', 'other'), loaded);
  assert.equal(ids(joined), 'fedcba');
  assert.equal(joined.nextPageToken, '2');
});

test('the newest page decides on the order of what it shows', () => {
  const loaded = page('cdba', '2');
  assert.equal(ids(withNewest(loaded, page('edcb', 'other'), loaded)), 'edcba');
});

test('the newest page replaces what it does not reach, so that no hole is left', () => {
  const loaded = page('zba', 'old');
  const replaced = withNewest(loaded, page('hg', 'new'), loaded);
  assert.equal(ids(replaced), 'hg');
  assert.equal(replaced.nextPageToken, 'new');
});

test('what came in while the newest page was on its way stays', () => {
  assert.equal(ids(withNewest(withMade(emptyListing(), { id: 'a' }), page(''), emptyListing())), 'a');
  const before = page('cb', '2');
  const older = withOlder(withMade(before, { id: 'a' }), page('x'), before);
  assert.equal(ids(withNewest(older, page('dcb', '2'), before)), 'adcbx');
  assert.equal(ids(withNewest(older, page('dacb', '2'), before)), 'dacbx');
  assert.equal(ids(withNewest(withMade(before, { id: 'a' }), page('hg', '2'), before)), 'ahg');
});

test('an older page that would follow a hole by now is dropped', () => {
  const before = page('cb', 'old');
  const replaced = withNewest(before, page('hg', 'new'), before);
  assert.deepEqual(withOlder(replaced, page('a'), before), replaced);
});

test('a new item comes first, a known one keeps its place', () => {
  assert.equal(ids(withMade(page('cb'), { id: 'a' })), 'acb');
  assert.equal(ids(withMade(page('cb'), { id: 'b' })), 'cb');
  assert.equal(ids(withSettled(page('cb'), { id: 'a' })), 'cb');
});

test('a settled order never turns NEW again', () => {
  const settled = withMade(emptyListing(), { id: 'a', status: 'FINISHED' });
  const pending = { id: 'a', status: 'NEW' };
  const late = { items: [pending], nextPageToken: '' };
  for (const listing of [withNewest(settled, late, settled), withMade(settled, pending)]) {
    assert.equal(listing.items[0]?.status, 'FINISHED');
  }
  assert.equal(withSettled(late, { id: 'a', status: 'CANCELLED' }).items[0]?.status, 'CANCELLED');
});
