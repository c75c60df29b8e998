import { createAccountPanel } from './account-panel.js';
import { byId } from './dom.js';
import { onSubmit, setFault } from './form.js';
import { createLedgerPanel } from './ledger-panel.js';
import { createOrdersPanel } from './orders-panel.js';
import { startSession } from './session.js';
import { MAX_USER_ID_LENGTH, isUserId, recallUserId, rememberUserId } from './user-id.js';

/** @typedef {import('./session.js').Session} Session */

const welcome = byId('welcome', HTMLElement);
const desk = byId('desk', HTMLElement);
const who = byId('who', HTMLElement);
const whoId = byId('who-id', HTMLElement);
const reach = byId('reach', HTMLElement);
const chooseUser = byId('choose-user', HTMLFormElement);
const userId = byId('user-id', HTMLInputElement);
const deskTitle = byId('desk-title', HTMLElement);

const orders = createOrdersPanel({
  onSettled: () => {
    void account.refresh();
    void ledger.refresh();
  },
  onChanged: () => ledger.rename(),
});
const account = createAccountPanel({ onMoved: () => void ledger.refresh() });
/** @type {ReturnType<typeof createLedgerPanel>} */
const ledger = createLedgerPanel({ nameOfOrder: orders.nameOf });

/** @type {Session | null} */
let session = null;

/** @param {boolean} outOfReach */
function showReach(outOfReach) {
  const text = outOfReach ? 'The service is out of reach. Trying again…' : '';
  if (reach.textContent !== text) reach.textContent = text;
}

/** @param {string | null} next the user to show; null asks for one */
function switchTo(next) {
  session?.end();
  showReach(false);
  session = next === null ? null : startSession(next, showReach);
  rememberUserId(next);
  whoId.textContent = next ?? '';
  who.hidden = desk.hidden = next === null;
  welcome.hidden = next !== null;
  for (const panel of [account, orders, ledger]) panel.use(session);
}

function refreshAll() {
  for (const panel of [account, orders, ledger]) void panel.refresh();
}

onSubmit(chooseUser, async () => {
  const chosen = userId.value.trim();
  const fault = isUserId(chosen)
    ? ''
    : `Use 1 to ${MAX_USER_ID_LENGTH} letters, digits or . _ @ : - and start with a letter or digit.`;
  setFault(userId, fault);
  if (fault) {
    userId.focus();
    return;
  }
  switchTo(chosen);
  deskTitle.focus();
});

byId('switch-user', HTMLButtonElement).addEventListener('click', () => {
  switchTo(null);
  userId.value = '';
  userId.focus();
});
byId('refresh', HTMLButtonElement).addEventListener('click', refreshAll);
globalThis.addEventListener('online', refreshAll);
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') refreshAll();
});

switchTo(recallUserId());
