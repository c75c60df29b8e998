import { ApiError } from './api.js';
import { tell } from './dom.js';

/**
 * Marks a field as at fault and says why beside it; an empty text clears it.
 * @param {HTMLInputElement} input its `aria-describedby` names the fault's place last
 * @param {string} text
 */
export function setFault(input, text) {
  const place = document.getElementById(`${input.id}-fault`);
  if (place) place.textContent = text;
  if (text) input.setAttribute('aria-invalid', 'true');
  else input.removeAttribute('aria-invalid');
}

/**
 * Runs an action on submit, one at a time: a second click or Enter while it is
 * under way does nothing. The button keeps the focus, so it is not disabled.
 * @param {HTMLFormElement} form
 * @param {() => Promise<void>} action
 */
export function onSubmit(form, action) {
  let busy = false;
  const button = form.querySelector('button[type="submit"]');
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (busy) return;
    busy = true;
    button?.setAttribute('aria-disabled', 'true');
    try {
      await action();
    } finally {
      busy = false;
      button?.removeAttribute('aria-disabled');
    }
  });
}

/**
 * Says what the service objects to at the fields it names.
 * @param {unknown} error
 * @param {Record<string, HTMLInputElement>} inputs by the API's field names
 * @returns {boolean} whether it named one of them
 */
export function setFaultsFrom(error, inputs) {
  const fields = error instanceof ApiError ? error.fields.filter(({ field }) => inputs[field]) : [];
  for (const { field, message } of fields) {
    const input = /** @type {HTMLInputElement} */ (inputs[field]);
    setFault(input, message);
    input.focus();
  }
  return fields.length > 0;
}

/**
 * Clears faults and message, as when another user takes over.
 * @param {HTMLFormElement} form
 * @param {HTMLElement} message
 */
export function resetForm(form, message) {
  form.reset();
  for (const input of form.querySelectorAll('input')) setFault(input, '');
  tell(message, '');
}
