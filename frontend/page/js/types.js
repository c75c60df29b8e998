/**
 * The shapes of the REST API as the page uses them; nothing here runs.
 *
 * @typedef {'NEW' | 'FINISHED' | 'CANCELLED'} OrderStatus
 *
 * @typedef {object} Order
 * @property {string} id UUID v7
 * @property {number} amount minor units, 1 to 2^53 - 1
 * @property {string} description
 * @property {OrderStatus} status
 * @property {string} [cancel_reason]
 * @property {string} create_time
 * @property {string} update_time
 *
 * @typedef {object} Transaction
 * @property {string} id UUID v7
 * @property {'TOP_UP' | 'CHARGE'} kind
 * @property {number} amount minor units, positive; `kind` tells the direction
 * @property {number} balance_after
 * @property {string} [order_id]
 * @property {string} create_time
 *
 * @typedef {object} Balance
 * @property {string} user_id
 * @property {number} balance minor units
 *
 * @typedef {object} FieldError
 * @property {string} field
 * @property {string} message
 *
 * @typedef {object} Problem an RFC 9457 body
 * @property {string} [title]
 * @property {string} [detail]
 * @property {string} [code]
 * @property {string} [request_id]
 * @property {FieldError[]} [errors]
 */

/**
 * One page of a list, newest first.
 * @template T
 * @typedef {object} Page
 * @property {T[]} items
 * @property {string} nextPageToken empty on the last page
 */

export {};
