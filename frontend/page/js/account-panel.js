import { ApiError } from './api.js';
import { byId, tell } from './dom.js';
import { onSubmit, resetForm, setFault, setFaultsFrom } from './form.js';
import { formatMinor, parseAmount, splitMinor } from './money.js';
import { coalesce } from './timing.js';
import { actionErrorWords, amountFaultWords, errorWords } from './words.js';

/** @typedef {import('./session.js').Session} Session */

/** Shown characters of a balance from which it needs smaller figures. */
const LONG_BALANCE = 11;
const VERY_LONG_BALANCE = 16;

/**
 * The balance, opening an account and topping it up.
 * @param {{ onMoved: () => void }} options onMoved: a ledger entry was added
 */
export function createAccountPanel({ onMoved }) {
  const figure = byId('balance', HTMLElement);
  const units = byId('balance-units', HTMLElement);
  const decimals = byId('balance-decimals', HTMLElement);
  const message = byId('account-message', HTMLElement);
  const opening = byId('open-account', HTMLFormElement);
  const topUp = byId('top-up', HTMLFormElement);
  const topUpAmount = byId('top-up-amount', HTMLInputElement);
  const topUpMessage = byId('top-up-message', HTMLElement);

  /** @type {Session | null} */
  let session = null;
  let refresh = async () => {};

  /** @param {'loading' | 'absent' | 'open'} state @param {number} [balance] */
  const show = (state, balance = 0) => {
    figure.dataset['state'] = state;
    opening.hidden = state !== 'absent';
    topUp.hidden = state !== 'open';
    if (state !== 'open') {
      units.textContent = '–';
      decimals.textContent = '';
      figure.dataset['size'] = '';
      return;
    }
    const parts = splitMinor(balance);
    units.textContent = parts.units;
    decimals.textContent = `.${parts.decimals}`;
    const { length } = formatMinor(balance);
    figure.dataset['size'] = length >= VERY_LONG_BALANCE ? 'small' : length >= LONG_BALANCE ? 'medium' : '';
  };

  /** @param {Session} mine */
  const load = async (mine) => {
    try {
      const { balance } = await mine.api.balance();
      show('open', balance);
      tell(message, '');
    } catch (error) {
      if (mine.signal.aborted) return;
      if (error instanceof ApiError && error.code === 'ACCOUNT_NOT_FOUND') {
        show('absent');
        tell(message, 'No account yet.');
        return;
      }
      tell(message, errorWords(error), { tone: 'error', action: { label: 'Try again', run: () => void refresh() } });
    }
  };

  onSubmit(opening, async () => {
    const mine = session;
    if (!mine) return;
    try {
      await mine.api.openAccount();
    } catch (error) {
      if (mine.signal.aborted) return;
      // Opened elsewhere, or by a try before whose answer was lost.
      if (!(error instanceof ApiError && error.code === 'ACCOUNT_ALREADY_EXISTS')) {
        tell(message, actionErrorWords(error), { tone: 'error' });
        return;
      }
    }
    await refresh();
    onMoved();
    topUpAmount.focus();
  });

  onSubmit(topUp, async () => {
    const mine = session;
    if (!mine) return;
    tell(topUpMessage, '');
    const { minor, fault } = parseAmount(topUpAmount.value);
    setFault(topUpAmount, fault ? amountFaultWords(fault) : '');
    if (minor === undefined) {
      topUpAmount.focus();
      return;
    }
    try {
      await mine.api.topUp(minor);
      topUp.reset();
      tell(topUpMessage, `${formatMinor(minor)} added.`);
    } catch (error) {
      if (mine.signal.aborted || setFaultsFrom(error, { amount: topUpAmount })) return;
      tell(topUpMessage, actionErrorWords(error), { tone: 'error' });
    }
    await refresh();
    onMoved();
  });

  return {
    /** @param {Session | null} next whose account to show; null shows nobody's */
    use(next) {
      session = next;
      resetForm(topUp, topUpMessage);
      tell(message, '');
      show('loading');
      refresh = next ? coalesce(() => load(next)) : async () => {};
      void refresh();
    },
    refresh: () => refresh(),
  };
}
