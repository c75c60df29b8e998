import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_MINOR, formatMinor, parseAmount } from '../../../frontend/page/js/money.js';

test('amounts are read exactly as written', () => {
  /** @type {[string, number][]} */
  const cases = [
    ['10', 1_000],
    ['10.5', 1_050],
    ['10,50', 1_050],
    ['10.', 1_000],
    ['.05', 5],
    ['0.01', 1],
    ['007.10', 710],
    [' 1 000.00 ', 100_000],
    ['1\u202f234\u00a0567.89', 123_456_789],
    ['1.15', 115],
    ['4.35', 435],
    ['90071992547409.91', MAX_MINOR],
  ];
  for (const [text, minor] of cases) assert.deepEqual(parseAmount(text), { minor }, text);
});

test('what is no amount is named by its fault', () => {
  /** @type {[string, string][]} */
  const cases = [
    ['', 'empty'],
    ['  ', 'empty'],
    ['.', 'malformed'],
    ['-1', 'malformed'],
    ['+1', 'malformed'],
    ['1e3', 'malformed'],
    ['0x10', 'malformed'],
    ['1.2.3', 'malformed'],
    ['１０', 'malformed'],
    ['1,000', 'decimals'],
    ['0.001', 'decimals'],
    ['0', 'zero'],
    ['0.00', 'zero'],
    ['90071992547409.92', 'too-large'],
    ['9'.repeat(10_000), 'too-large'],
  ];
  for (const [text, fault] of cases) assert.deepEqual(parseAmount(text), { fault }, text.slice(0, 20));
});

test('amounts are shown with two decimals and grouped thousands', () => {
  assert.equal(formatMinor(0), '0.00');
  assert.equal(formatMinor(7), '0.07');
  assert.equal(formatMinor(1_000), '10.00');
  assert.equal(formatMinor(123_456), '1\u202f234.56');
  assert.equal(formatMinor(100_000_000), '1\u202f000\u202f000.00');
  assert.equal(formatMinor(MAX_MINOR), '90\u202f071\u202f992\u202f547\u202f409.91');
});

test('what is shown reads back as the same amount, at every size', () => {
  for (let minor = 1; minor < MAX_MINOR; minor = minor * 3 + 1) {
    assert.deepEqual(parseAmount(formatMinor(minor)), { minor });
  }
});

test('an inexact or negative amount is never shown', () => {
  for (const minor of [MAX_MINOR + 1, 0.5, -1, NaN]) assert.throws(() => formatMinor(minor), RangeError);
});
