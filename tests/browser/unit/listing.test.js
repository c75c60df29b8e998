import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyListing, withItem, withNewest, withOlder } from '../../../frontend/page/js/listing.js';

/** @param {string[]} ids @param {string} [nextPageToken] */
const page = (ids, nextPageToken = '') => ({ items: ids.map((id) => ({ id })), nextPageToken });
/** @param {{ items: { id: string }[] }} listing */
const ids = ({ items }) => items.map(({ id }) => id).join('');

test('pages follow one another, newest first', () => {
  const first = withNewest(emptyListing(), page(['f', 'e'], 'more'));
  const both = withOlder(first, page(['d', 'c']));
  assert.equal(ids(both), 'fedc');
  assert.equal(both.nextPageToken, '');
});

test('the newest page joins what it reaches and keeps the place in the list', () => {
  const loaded = withOlder(withNewest(emptyListing(), page(['d', 'c'], '1')), page(['b', 'a'], '2'));
  const joined = withNewest(loaded, page(['e', 'd'], 'other'));
  assert.equal(ids(joined), 'edcba');
  assert.equal(joined.nextPageToken, '2');
});

test('the newest page replaces what it does not reach, so that no hole is left', () => {
  const loaded = withNewest(emptyListing(), page(['b', 'a'], 'old'));
  const replaced = withNewest(loaded, page(['h', 'g'], 'new'));
  assert.equal(ids(replaced), 'hg');
  assert.equal(replaced.nextPageToken, 'new');
});

test('an item made while the page was on its way stays', () => {
  const made = withItem(emptyListing(), { id: 'z' });
  assert.equal(ids(withNewest(made, page([]))), 'z');
  assert.equal(ids(withNewest(made, page(['b', 'a']))), 'zba');
});

test('a settled order never turns NEW again', () => {
  const settled = withItem(emptyListing(), { id: 'a', status: 'FINISHED' });
  const late = withNewest(settled, { items: [{ id: 'a', status: 'NEW' }], nextPageToken: '' });
  assert.equal(late.items[0]?.status, 'FINISHED');
  const pending = withItem(emptyListing(), { id: 'a', status: 'NEW' });
  assert.equal(withItem(pending, { id: 'a', status: 'CANCELLED' }).items[0]?.status, 'CANCELLED');
});
