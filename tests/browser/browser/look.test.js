import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { newUserId, openAccount, order, signIn, slip, topUp, useBrowser, visiting } from './person.js';

useBrowser();

/** @typedef {import('playwright-core').Page} Page */

const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const LONG_WORD = 'unbreakable'.repeat(12);

/**
 * Walks through every state of the page.
 * @param {Page} page
 * @param {(state: string) => Promise<void>} look
 */
async function everyState(page, look) {
  await look('welcome');
  await signIn(page, newUserId());
  await page.getByText('No account yet.').waitFor();
  await page.getByText('Nothing ordered yet.').waitFor();
  await look('no account');
  await openAccount(page);
  await topUp(page, '90071992547409.91', '90 071 992 547 409.91');
  await order(page, '90071992547409.00', LONG_WORD);
  await slip(page, LONG_WORD).filter({ hasText: 'Finished' }).waitFor();
  await order(page, '12.00', 'too dear');
  await slip(page, 'too dear').filter({ hasText: 'Cancelled' }).waitFor();
  await page.getByLabel('Top up by').fill('nonsense');
  await page.getByRole('button', { name: 'Top up' }).click();
  await page.getByText('Enter digits only').waitFor();
  await page.route(/\/api\/orders\/orders\/[^/]+(\/events)?$/, (route) => route.abort());
  await order(page, '0.10', 'under way');
  await slip(page, 'under way').filter({ hasText: 'New' }).waitFor();
  await look('desk');
}

for (const width of [320, 360, 768, 1152, 1440]) {
  test(`nothing is cut off at ${width} px`, () =>
    visiting(
      (page) =>
        everyState(page, async (state) => {
          const wide = await page.evaluate(() => document.documentElement.scrollWidth);
          assert.ok(wide <= width, `${state}: ${wide} px wide`);
        }),
      { viewport: { width, height: 740 }, failuresExpected: true },
    ));
}

for (const colorScheme of /** @type {const} */ (['light', 'dark'])) {
  test(`axe finds nothing to object to (${colorScheme})`, () =>
    visiting(
      (page) =>
        everyState(page, async (state) => {
          await page.evaluate(axeSource);
          const { violations } = await page.evaluate(() => /** @type {any} */ (globalThis).axe.run());
          assert.deepEqual(
            violations.map((/** @type {any} */ { id, nodes }) => `${state}: ${id} ${nodes[0].html}`),
            [],
          );
        }),
      { colorScheme, reducedMotion: 'reduce', failuresExpected: true },
    ));
}

test('every answer carries the security headers', () =>
  visiting(async (page) => {
    for (const path of ['/', '/js/app.js', '/styles.css', '/api/nowhere']) {
      const headers = (await page.request.get(path)).headers();
      assert.match(headers['content-security-policy'] ?? '', /^default-src 'none'; script-src 'self';/, path);
      assert.equal(headers['x-content-type-options'], 'nosniff', path);
      assert.equal(headers['referrer-policy'], 'no-referrer', path);
      assert.match(headers['permissions-policy'] ?? '', /geolocation=\(\)/, path);
      assert.equal(headers['cross-origin-opener-policy'], 'same-origin', path);
      assert.doesNotMatch(headers['server'] ?? '', /\d/, path);
    }
  }));
