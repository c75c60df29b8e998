/**
 * Small helpers over the document. Text only ever enters it as text nodes.
 */

/**
 * The element with this id, checked to be of this class.
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} kind
 * @returns {T}
 */
export function byId(id, kind) {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`#${id} is missing or of another kind`);
  return element;
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {string} [className]
 * @param {string} [text]
 * @returns {HTMLElementTagNameMap[K]}
 */
export function make(tag, className = '', text = '') {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text) element.textContent = text;
  return element;
}

/**
 * Makes the list show exactly these items in this order, keeping the elements
 * (and so the focus) of those that stay.
 * @template {{ id: string }} T
 * @param {HTMLElement} list
 * @param {T[]} items
 * @param {(item: T, element: HTMLElement | null) => HTMLElement} draw updates the element, or makes one
 */
export function drawList(list, items, draw) {
  const present = new Map();
  for (const child of list.children) {
    if (child instanceof HTMLElement) present.set(child.dataset['id'], child);
  }
  /** @type {Element | null} */
  let next = list.firstElementChild;
  for (const item of items) {
    const known = present.get(item.id) ?? null;
    present.delete(item.id);
    const element = draw(item, known);
    element.dataset['id'] = item.id;
    if (element === next) next = next.nextElementSibling;
    else list.insertBefore(element, next);
  }
  for (const gone of present.values()) gone.remove();
}

/**
 * Hides or shows the button that loads more; a focus on it moves to the list.
 * @param {HTMLButtonElement} more
 * @param {HTMLElement} list
 * @param {boolean} hidden
 */
export function hideMore(more, list, hidden) {
  if (hidden && document.activeElement === more) takeFocus(list);
  more.hidden = hidden;
}

/**
 * Focuses an element that is no control, so that Tab goes on from there.
 * @param {HTMLElement} element
 */
export function takeFocus(element) {
  element.tabIndex = -1;
  element.focus();
}

const WHEN = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** @param {string} timestamp RFC 3339 */
export function makeTime(timestamp) {
  const time = make('time');
  time.dateTime = timestamp;
  const date = new Date(timestamp);
  time.textContent = Number.isNaN(date.getTime()) ? timestamp : WHEN.format(date);
  return time;
}

/**
 * Shows a message, and optionally a button that does something about it.
 * @param {HTMLElement} place a live region
 * @param {string} text empty clears it
 * @param {{ tone?: 'info' | 'error', action?: { label: string, run: () => void } }} [options]
 */
export function tell(place, text, { tone = 'info', action } = {}) {
  place.replaceChildren();
  place.dataset['tone'] = tone;
  if (text) place.append(make('span', '', text));
  if (action) {
    const button = make('button', 'quiet', action.label);
    button.type = 'button';
    button.addEventListener('click', action.run);
    place.append(' ', button);
  }
}
