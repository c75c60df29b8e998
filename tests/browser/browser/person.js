import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { after, before } from 'node:test';
import { chromium } from 'playwright-core';

/** Where the page is served, with both gateways behind it. */
export const FRONTEND_URL = process.env['FRONTEND_URL'] ?? 'http://127.0.0.1:3000';

/** How long a step may take before its test fails. */
const STEP_TIMEOUT_MS = 15_000;

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('playwright-core').BrowserContextOptions} ContextOptions */

/** @type {import('playwright-core').Browser} */
let browser;

/** Starts one browser for the tests of the file that calls this. */
export function useBrowser() {
  before(async () => {
    assert.ok(existsSync(CHROMIUM), `no Chromium at ${CHROMIUM}; set CHROMIUM`);
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  });
  after(() => browser?.close());
}

export const newUserId = () => `browser-${randomUUID()}`;

/**
 * Opens the page as a new visitor, runs the visit, and fails if the browser
 * complained meanwhile: a broken script, or something the policy refused.
 * @param {(page: Page) => Promise<void>} visit
 * @param {ContextOptions & { failuresExpected?: boolean }} [options] failuresExpected: answers of 400 and above are part of the test
 */
export async function visiting(visit, { failuresExpected = false, ...options } = {}) {
  const context = await browser.newContext({ baseURL: FRONTEND_URL, viewport: { width: 1280, height: 900 }, ...options });
  context.setDefaultTimeout(STEP_TIMEOUT_MS);
  const page = await context.newPage();
  /** @type {string[]} */
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    const refusedAnswer = message.text().startsWith('Failed to load resource');
    // A user without an account is a 404 that the page asks for on purpose.
    const expected = refusedAnswer && (failuresExpected || message.location().url.includes('/api/payments/accounts/'));
    if (message.type() === 'error' && !expected) complaints.push(message.text());
  });
  try {
    await page.goto('/');
    await visit(page);
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
  }
}

/** @param {Page} page @param {string} userId */
export async function signIn(page, userId) {
  await page.getByLabel('User id').fill(userId);
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.getByRole('heading', { name: 'Orders', exact: true }).waitFor();
}

/** @param {Page} page */
export async function openAccount(page) {
  await page.getByRole('button', { name: 'Open an account' }).click();
  await balanceBecomes(page, '0.00');
}

/** @param {Page} page @param {string} amount @param {string} after the balance then shown */
export async function topUp(page, amount, after) {
  await page.getByLabel('Top up by').fill(amount);
  await page.getByRole('button', { name: 'Top up' }).click();
  await balanceBecomes(page, after);
}

/** @param {Page} page @param {string} amount @param {string} description */
export async function order(page, amount, description) {
  await page.getByLabel('What').fill(description);
  await page.getByLabel('Amount').fill(amount);
  await page.getByRole('button', { name: 'Order', exact: true }).click();
}

/** @param {Page} page @param {string} text with plain spaces between thousands */
export async function balanceBecomes(page, text) {
  await page.locator('#balance').filter({ hasText: exactly(text) }).waitFor();
}

/** @param {Page} page @param {string} text */
export function slip(page, text) {
  return page.getByRole('list', { name: 'Orders' }).getByRole('listitem').filter({ hasText: text });
}

/** @param {Page} page @param {string} text */
export function entry(page, text) {
  return page.getByRole('list', { name: 'Ledger' }).getByRole('listitem').filter({ hasText: text });
}

/** @param {string} text */
function exactly(text) {
  return new RegExp(`^${text.replace('.', '\\.').replaceAll(' ', '\\s')}$`);
}

/**
 * Posts to the API as the page would, to set a scene.
 * @param {string} userId @param {string} path @param {object} body
 */
export async function post(userId, path, body) {
  const answer = await fetch(`${FRONTEND_URL}/api/${path}`, {
    method: 'POST',
    headers: { 'X-User-Id': userId, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  assert.ok(answer.ok, `POST ${path}: ${answer.status} ${await answer.text()}`);
}
