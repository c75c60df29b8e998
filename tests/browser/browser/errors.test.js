import assert from 'node:assert/strict';
import { test } from 'node:test';
import { balanceBecomes, entry, newUserId, openAccount, order, signIn, slip, topUp, useBrowser, visiting } from './person.js';

useBrowser();

const UNAVAILABLE = {
  status: 503,
  contentType: 'application/problem+json',
  headers: { 'Retry-After': '1' },
  body: JSON.stringify({ type: 'urn:problem:unavailable', title: 'Service Unavailable', status: 503, detail: 'away', code: 'UNAVAILABLE' }),
};

/**
 * Lets an order be made and settle, as by a gateway that is killed before it answers.
 * @param {import('playwright-core').Page} page @param {import('playwright-core').Route} route
 */
async function makeUnanswered(page, route) {
  const made = await route.fetch();
  const headers = { 'X-User-Id': route.request().headers()['x-user-id'] ?? '' };
  await page.request.get(`${made.headers()['location']}?wait=5s`, { headers });
}

/**
 * Lets the first so many requests to a path be done, and loses their answers.
 * @param {import('playwright-core').Page} page @param {string} path @param {number} count
 * @param {(route: import('playwright-core').Route) => Promise<void>} lose
 */
async function loseAnswers(page, path, count, lose) {
  let posts = 0;
  await page.route(path, async (route) => {
    posts += 1;
    if (posts > count) return route.continue();
    await route.fetch();
    return lose(route);
  });
}

test('what is wrong with a field is said at the field, and nothing is sent', () =>
  visiting(async (page) => {
    await page.getByLabel('User id').fill('не то');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('Use 1 to 64 letters').waitFor();
    await signIn(page, newUserId());
    let posts = 0;
    page.on('request', (request) => {
      if (request.method() === 'POST') posts += 1;
    });
    /** @type {[string, string][]} */
    const faults = [
      ['', 'Enter an amount'],
      ['-5', 'Enter digits only'],
      ['1.005', 'at most two digits'],
      ['0', 'at least 0.01'],
      ['90071992547409.92', 'can be at most'],
    ];
    for (const [amount, words] of faults) {
      await order(page, amount, '');
      await page.getByText(words).waitFor();
      assert.equal(await page.getByLabel('Amount').getAttribute('aria-invalid'), 'true');
    }
    await order(page, '1', 'x'.repeat(1_001));
    await page.getByText('The description has 1001 characters').waitFor();
    assert.equal(posts, 0);
  }));

test('the largest balance is exact, and one cent more is refused in words', () =>
  visiting(
    async (page) => {
      await signIn(page, newUserId());
      await openAccount(page);
      await topUp(page, '90071992547409.91', '90 071 992 547 409.91');
      await page.getByLabel('Top up by').fill('0.01');
      await page.getByRole('button', { name: 'Top up' }).click();
      await page.getByText('the most an account can hold').waitFor();
      await order(page, '90071992547409.90', 'nearly all');
      await slip(page, 'nearly all').filter({ hasText: 'Finished' }).waitFor();
      await balanceBecomes(page, '0.01');
    },
    { failuresExpected: true },
  ));

test('while the service is away reads are repeated, and it says so', () =>
  visiting(
    async (page) => {
      let refused = 0;
      await page.route('**/api/orders/orders?*', (route) => {
        refused += 1;
        return refused <= 2 ? route.fulfill(UNAVAILABLE) : route.continue();
      });
      await signIn(page, newUserId());
      await page.getByText('The service is out of reach. Trying again…').waitFor();
      await page.getByText('Nothing ordered yet.').waitFor();
      assert.equal(await page.getByText('out of reach').count(), 0);
      assert.equal(refused, 3);
    },
    { failuresExpected: true },
  ));

test('an order answered with a 503 is kept in the form, and sent again by hand it is ordered once', () =>
  visiting(
    async (page) => {
      await signIn(page, newUserId());
      await openAccount(page);
      await topUp(page, '5', '5.00');
      /** @type {(string | undefined)[]} */
      const keys = [];
      await page.route('**/api/orders/orders', async (route) => {
        keys.push(route.request().headers()['idempotency-key']);
        if (keys.length > 1) return route.continue();
        await makeUnanswered(page, route);
        return route.fulfill(UNAVAILABLE);
      });
      await order(page, '2', 'patience');
      await page.getByText('it may have been done. Sending the same again is safe').waitFor();
      assert.equal(await page.getByLabel('What').inputValue(), 'patience');
      assert.equal(keys.length, 1);
      await slip(page, 'patience').filter({ hasText: 'Finished' }).waitFor();
      await page.getByRole('button', { name: 'Order', exact: true }).click();
      await page.getByText('patience, 2.00: finished, paid.').waitFor();
      await balanceBecomes(page, '3.00');
      assert.equal(await slip(page, 'patience').count(), 1);
      assert.equal(keys[0], keys[1]);
      await order(page, '2', 'patience');
      await balanceBecomes(page, '1.00');
      assert.equal(await slip(page, 'patience').count(), 2);
    },
    { failuresExpected: true },
  ));

test('a top-up whose answer is lost is done once when it is sent again, and anew with another amount', () =>
  visiting(
    async (page) => {
      await signIn(page, newUserId());
      await openAccount(page);
      await loseAnswers(page, '**/api/payments/accounts/topup', 2, (route) => route.abort('connectionreset'));
      const unclear = page.getByText('it may have been done. Sending the same again is safe');
      await topUp(page, '5', '5.00');
      await unclear.waitFor();
      await topUp(page, '6', '11.00');
      await unclear.waitFor();
      await page.getByRole('button', { name: 'Top up' }).click();
      await page.getByText('6.00 added.').waitFor();
      await balanceBecomes(page, '11.00');
      assert.equal(await entry(page, 'Top-up').count(), 2);
    },
    { failuresExpected: true },
  ));

test('an account whose opening is not answered is there when it is opened again', () =>
  visiting(
    async (page) => {
      await signIn(page, newUserId());
      await loseAnswers(page, '**/api/payments/accounts', 1, (route) => route.fulfill(UNAVAILABLE));
      await page.getByRole('button', { name: 'Open an account' }).click();
      await page.getByText('it may have been done. Sending the same again is safe').waitFor();
      await openAccount(page);
      await page.waitForFunction(() => document.activeElement?.id === 'top-up-amount');
    },
    { failuresExpected: true },
  ));

test('the ledger of a user without an account takes back that it could not be read', () =>
  visiting(
    async (page) => {
      let away = true;
      await page.route('**/api/payments/accounts/transactions?*', (route) => (away ? route.fulfill({ ...UNAVAILABLE, status: 500 }) : route.continue()));
      await signIn(page, newUserId());
      const message = page.locator('#ledger-message');
      await message.getByText('Something went wrong on our side.').waitFor();
      away = false;
      await message.getByRole('button', { name: 'Try again' }).click();
      await page.getByText('No money has moved yet.').waitFor();
      assert.equal(await message.textContent(), '');
    },
    { failuresExpected: true },
  ));

test('what the service objects to is said at the field it names', () =>
  visiting(
    async (page) => {
      await signIn(page, newUserId());
      const errors = [{ field: 'description', message: 'must be something else' }];
      const problem = { type: 'urn:problem:invalid-description', title: 'Bad Request', status: 400, detail: 'no', code: 'INVALID_DESCRIPTION', errors };
      await page.route('**/api/orders/orders', (route) =>
        route.fulfill({ status: 400, contentType: 'application/problem+json', body: JSON.stringify(problem) }),
      );
      await order(page, '1', 'tea');
      await page.locator('#order-description-fault').filter({ hasText: 'must be something else' }).waitFor();
      assert.equal(await page.getByLabel('What').getAttribute('aria-invalid'), 'true');
    },
    { failuresExpected: true },
  ));

test('an order whose answer is lost is never sent again unasked', () =>
  visiting(
    async (page) => {
      await signIn(page, newUserId());
      await openAccount(page);
      await topUp(page, '5', '5.00');
      let posts = 0;
      await page.route('**/api/orders/orders', async (route) => {
        posts += 1;
        await makeUnanswered(page, route);
        await route.abort('connectionreset');
      });
      await order(page, '2', 'lost answer');
      await page.getByText('it may have been done. Sending the same again is safe').waitFor();
      await slip(page, 'lost answer').filter({ hasText: 'Finished' }).waitFor();
      await balanceBecomes(page, '3.00');
      assert.equal(posts, 1);
    },
    { failuresExpected: true },
  ));

test('an address without a page says so', () =>
  visiting(
    async (page) => {
      const response = await page.goto('/nothing/here');
      assert.equal(response?.status(), 404);
      await page.getByRole('link', { name: 'Go to orders and payments' }).click();
      await page.getByRole('heading', { name: 'Order now.' }).waitFor();
    },
    { failuresExpected: true },
  ));
