import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { test } from 'node:test';
import { balanceBecomes, entry, newUserId, openAccount, order, post, signIn, slip, topUp, useBrowser, visiting } from './person.js';

useBrowser();

test('a person opens an account, tops up, orders, and sees it paid', () =>
  visiting(async (page) => {
    await signIn(page, newUserId());
    await openAccount(page);
    await topUp(page, '10', '10.00');
    await order(page, '2.50', 'coffee');
    await slip(page, 'coffee').filter({ hasText: 'Finished paid' }).waitFor();
    await balanceBecomes(page, '7.50');
    await entry(page, 'Top-up').filter({ hasText: '+10.00' }).waitFor();
    await entry(page, 'coffee').filter({ hasText: '−2.50' }).filter({ hasText: 'balance 7.50' }).waitFor();
    await page.getByText('coffee, 2.50: finished, paid.').waitFor();
  }));

test('an order is followed by its events, without asking again and again', () =>
  visiting(async (page) => {
    /** @type {string[]} */
    const asked = [];
    page.on('request', (request) => {
      const [, rest] = new URL(request.url()).pathname.split(/\/api\/orders\/orders\/[^/]+/);
      if (rest !== undefined) asked.push(rest);
    });
    await signIn(page, newUserId());
    await order(page, '5', 'tea');
    await slip(page, 'tea').filter({ hasText: 'Cancelled' }).waitFor();
    assert.deepEqual(asked, ['/events']);
  }));

test('an order dearer than the balance is cancelled, with the reason in words', () =>
  visiting(async (page) => {
    await signIn(page, newUserId());
    await openAccount(page);
    await topUp(page, '1,00', '1.00');
    await order(page, '1.01', 'too dear');
    await slip(page, 'too dear').filter({ hasText: 'Cancelled not enough money in the account' }).waitFor();
    await balanceBecomes(page, '1.00');
    assert.equal(await entry(page, 'too dear').count(), 0);
  }));

test('an order without an account is cancelled, with the reason in words', () =>
  visiting(async (page) => {
    await signIn(page, newUserId());
    await order(page, '5', 'no account');
    await slip(page, 'no account').filter({ hasText: 'Cancelled there was no account to pay from' }).waitFor();
  }));

test('the whole path works with the keyboard alone', () =>
  visiting(async (page) => {
    const { keyboard } = page;
    /** Tabs forward to the control with this label. @param {string} name */
    const tabTo = async (name) => {
      const limit = 30;
      for (let step = 0; step < limit; step += 1) {
        await keyboard.press('Tab');
        const found = await page.evaluate(() => {
          const active = /** @type {HTMLInputElement | null} */ (document.activeElement);
          return active?.labels?.[0]?.textContent || active?.textContent || '';
        });
        if (found.startsWith(name)) {
          const outline = await page.evaluate(() => getComputedStyle(/** @type {Element} */ (document.activeElement)).outlineStyle);
          assert.notEqual(outline, 'none', `${name}: the focus must be seen`);
          return;
        }
      }
      assert.fail(`${name} is not reached with Tab`);
    };
    await tabTo('User id');
    await keyboard.type(newUserId());
    await keyboard.press('Enter');
    await page.getByText('No account yet.').waitFor();
    await tabTo('Open an account');
    await keyboard.press('Enter');
    await balanceBecomes(page, '0.00');
    await page.waitForFunction(() => document.activeElement?.id === 'top-up-amount');
    await keyboard.type('3');
    await keyboard.press('Enter');
    await balanceBecomes(page, '3.00');
    await tabTo('What');
    await keyboard.type('tea');
    await tabTo('Amount');
    await keyboard.type('3');
    await keyboard.press('Enter');
    await slip(page, 'tea').filter({ hasText: 'Finished' }).waitFor();
    await balanceBecomes(page, '0.00');
    await page.keyboard.press('Shift+Tab');
    await tabTo('Order');
  }));

test('a double click orders once', () =>
  visiting(async (page) => {
    await signIn(page, newUserId());
    await openAccount(page);
    await topUp(page, '10', '10.00');
    let posts = 0;
    page.on('request', (request) => {
      if (request.method() === 'POST' && request.url().endsWith('/orders')) posts += 1;
    });
    await page.getByLabel('What').fill('once');
    await page.getByLabel('Amount').fill('1');
    await page.getByRole('button', { name: 'Order', exact: true }).dblclick();
    await slip(page, 'once').filter({ hasText: 'Finished' }).waitFor();
    await balanceBecomes(page, '9.00');
    assert.equal(posts, 1);
    assert.equal(await slip(page, 'once').count(), 1);
  }));

test('the user is remembered; another user sees nothing of the first', () =>
  visiting(async (page) => {
    const first = newUserId();
    await signIn(page, first);
    await openAccount(page);
    await topUp(page, '4.20', '4.20');
    await order(page, '1', 'secret thing');
    await slip(page, 'secret thing').filter({ hasText: 'Finished' }).waitFor();
    await page.reload();
    await page.getByText(first).waitFor();
    await slip(page, 'secret thing').filter({ hasText: 'Finished' }).waitFor();
    await balanceBecomes(page, '3.20');
    await page.getByRole('button', { name: 'Switch user' }).click();
    await signIn(page, newUserId());
    await page.getByText('No account yet.').waitFor();
    await page.getByText('Nothing ordered yet.').waitFor();
    assert.doesNotMatch(await page.locator('#desk').innerHTML(), /secret thing|3\.20|4\.20/);
  }));

test('a late answer for the user before is dropped', () =>
  visiting(async (page) => {
    const first = newUserId();
    await post(first, 'payments/accounts', {});
    await post(first, 'payments/accounts/topup', { amount: 7_777 });
    /** @type {(() => void)[]} */
    const held = [];
    await page.route('**/api/payments/accounts/**', async (route) => {
      if (route.request().headers()['x-user-id'] !== first) return route.continue();
      const response = await route.fetch();
      await new Promise((resolve) => held.push(() => resolve(undefined)));
      // The page has given the call up by then, which is what is tested.
      await route.fulfill({ response }).catch(() => {});
    });
    const asked = page.waitForRequest('**/accounts/balance');
    await signIn(page, first);
    await asked;
    await page.getByRole('button', { name: 'Switch user' }).click();
    await signIn(page, newUserId());
    await page.getByText('No account yet.').waitFor();
    for (const release of held) release();
    await page.getByRole('button', { name: 'Open an account' }).click();
    await balanceBecomes(page, '0.00');
    assert.doesNotMatch(await page.locator('#desk').innerHTML(), /77\.77/);
    await page.unrouteAll({ behavior: 'ignoreErrors' });
  }));

/**
 * Holds back the answers to the requests that match from now on, as they are by then.
 * @param {import('playwright-core').Page} page @param {RegExp} path
 */
async function holdBack(page, path) {
  const steps = new EventEmitter();
  const held = once(steps, 'held');
  const released = once(steps, 'released');
  await page.route(path, async (route) => {
    const response = await route.fetch();
    steps.emit('held');
    await released;
    await route.fulfill({ response });
  });
  const release = async () => {
    steps.emit('released');
    await page.unrouteAll({ behavior: 'wait' });
  };
  return { held, release };
}

test('an order made while a list of orders is on its way stays', () =>
  visiting(async (page) => {
    const userId = newUserId();
    const orders = 23;
    for (let amount = 1; amount <= orders; amount += 1) await post(userId, 'orders/orders', { amount, description: `item ${amount}.` });
    await signIn(page, userId);
    await slip(page, 'item 23.').waitFor();
    /** @type {[string, string, string][]} */
    const cases = [
      ['Refresh', 'made during a refresh', 'item 23.'],
      ['Show more orders', 'made during more', 'item 1.'],
    ];
    for (const [button, description, listed] of cases) {
      const { held, release } = await holdBack(page, /\/api\/orders\/orders\?/);
      await page.getByRole('button', { name: button }).click();
      await held;
      await order(page, '1', description);
      await slip(page, description).filter({ hasText: 'Cancelled' }).waitFor();
      await release();
      await slip(page, listed).waitFor();
      assert.match((await slip(page, '').first().textContent()) ?? '', new RegExp(`^${description}.*Cancelled`));
    }
    assert.equal(await slip(page, '').count(), orders + cases.length);
  }));

test('pages of the ledger that come together are both shown', () =>
  visiting(async (page) => {
    const userId = newUserId();
    const entries = 43;
    await post(userId, 'payments/accounts', {});
    for (let amount = 1; amount <= entries; amount += 1) await post(userId, 'payments/accounts/topup', { amount });
    const rows = page.locator('#ledger-list > li');
    await signIn(page, userId);
    await rows.nth(19).waitFor();
    const more = page.getByRole('button', { name: 'Show more entries' });

    const older = await holdBack(page, /\/transactions\?.*page_token/);
    await more.click();
    await older.held;
    await page.getByLabel('Top up by').fill('5');
    await page.getByRole('button', { name: 'Top up' }).click();
    await rows.first().filter({ hasText: '+5.00' }).waitFor();
    await older.release();
    await rows.nth(40).waitFor();

    const newest = await holdBack(page, /\/transactions\?page_size=\d+$/);
    await page.getByRole('button', { name: 'Refresh' }).click();
    await newest.held;
    await more.click();
    await rows.nth(entries).waitFor();
    await newest.release();
    const shown = await rows.locator('.after').allTextContents();
    assert.equal(shown.length, entries + 1);
    assert.match(shown[0] ?? '', /balance 14\.46/);
  }));

test('an order is followed only in sight', () =>
  visiting(async (page) => {
    /** @param {boolean} hidden */
    const turn = (hidden) =>
      page.evaluate((hidden) => {
        Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
        Object.defineProperty(document, 'visibilityState', { value: hidden ? 'hidden' : 'visible', configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }, hidden);
    const events = /\/api\/orders\/orders\/[^/]+\/events$/;
    await signIn(page, newUserId());
    // Never answered, as of an order whose payment does not come.
    await page.route(events, () => {});
    const [followed] = await Promise.all([page.waitForRequest(events), order(page, '5', 'tea')]);
    const ended = page.waitForEvent('requestfailed', (request) => request === followed);
    await turn(true);
    await ended;
    await slip(page, 'tea').filter({ hasText: 'Cancelled' }).waitFor();
    await order(page, '5', 'coffee');
    await slip(page, 'coffee').filter({ hasText: 'Cancelled' }).waitFor();
    await turn(false);
    await Promise.all([page.waitForRequest(events), order(page, '5', 'cocoa')]);
  }));

test('long lists are loaded page by page', () =>
  visiting(async (page) => {
    const userId = newUserId();
    const entries = 23;
    await post(userId, 'payments/accounts', {});
    for (let amount = 1; amount <= entries; amount += 1) await post(userId, 'payments/accounts/topup', { amount });
    for (let amount = 1; amount <= entries; amount += 1) await post(userId, 'orders/orders', { amount, description: `item ${amount}.` });
    await signIn(page, userId);
    await slip(page, 'item 23.').waitFor();
    assert.equal(await slip(page, 'item 1.').count(), 0);
    await page.getByRole('button', { name: 'Show more orders' }).click();
    await slip(page, 'item 1.').waitFor();
    assert.equal(await slip(page, 'item').count(), entries);
    const more = page.getByRole('button', { name: 'Show more entries' });
    const rows = page.locator('#ledger-list > li');
    for (let clicks = 0; clicks < 3 && (await more.isVisible()); clicks += 1) {
      const shown = await rows.count();
      await more.click();
      await rows.nth(shown).waitFor();
    }
    await entry(page, 'Top-up').filter({ hasText: '+0.01' }).waitFor();
    assert.equal(await entry(page, 'Top-up').count(), entries);
  }));
