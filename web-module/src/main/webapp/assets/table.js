// Tables of figures: one row for each tenant, operation or model.

import { el, figure, svg } from './dom.js';
import { difference } from './amount.js';
import { change, count, duration, exactMoney, largest, money, percent } from './format.js';

const FIRST_ROWS = 50;
const MORE_ROWS = 1000;

/** The figures of a block of the API, per call. */
export function row(name, block) {
  const calls = block.llm_call_stats;
  return {
    name,
    cost: block.total_cost_usd,
    invocations: block.total_calls,
    calls: calls.total_calls,
    failed: calls.failed_calls,
    unpriced: calls.unpriced_calls,
    withoutPrice: calls.uncertain_calls.unpriced,
    partial: calls.uncertain_calls.partial,
    maybeBilled: calls.uncertain_calls.maybe_billed,
    p95: calls.call_duration.p95,
    input: calls.input_tokens.total,
    output: calls.output_tokens.total,
  };
}

/** The row of a name without calls. */
export function emptyRow(name) {
  return {
    name,
    cost: 0,
    invocations: 0,
    calls: 0,
    failed: 0,
    unpriced: 0,
    withoutPrice: 0,
    partial: 0,
    maybeBilled: 0,
    p95: 0,
    input: 0,
    output: 0,
  };
}

/** Why the spend of a row is not exact, such as "2 without a price, 1 maybe billed"; empty if it is exact. */
export const doubts = ({ withoutPrice, partial, maybeBilled }) =>
  [
    withoutPrice > 0 ? `${count(withoutPrice)} without a price` : null,
    partial > 0 ? `${count(partial)} priced in part` : null,
    maybeBilled > 0 ? `${count(maybeBilled)} maybe billed` : null,
  ]
    .filter((each) => each !== null)
    .join(', ');

/** The same for the tile of the spend; null if it is exact. */
export const notExact = (row) => (doubts(row) === '' ? null : `Not exact: ${doubts(row)}`);

/** A figure above the tables; how it has moved, a `dd`, and what stands below it may be null. */
export const tile = (kind, label, value, below = null, moved = null) =>
  el(
    'div',
    { class: `tile ${kind}` },
    el('dt', {}, label),
    el('dd', { class: 'value' }, value),
    moved,
    below === null ? null : el('dd', { class: 'below' }, below),
  );

/** The text for a name. The name may be missing: a failed call has no model, and a call may have no user. */
export const shownName = (name, dimension = 'model') =>
  name === '' || name === null ? `(no ${dimension.replace('requested_', '').replace('tag.', '')})` : name;

const COLUMNS = {
  name: { label: null, of: (each) => each.name },
  cost: { label: 'Spend', of: (each) => each.cost },
  change: { label: 'Change', of: (each) => difference(each.cost, each.before?.cost ?? 0) },
  calls: { label: 'Calls', of: (each) => each.calls },
  failed: { label: 'Failed', of: (each) => (each.calls === 0 ? 0 : each.failed / each.calls) },
  p95: { label: 'p95', of: (each) => each.p95, title: 'Nineteen of twenty calls that did not fail took no longer' },
  input: { label: 'Tokens in', of: (each) => each.input },
  output: { label: 'Tokens out', of: (each) => each.output },
  unpriced: { label: 'Unpriced', of: (each) => each.unpriced, title: 'Calls whose cost nobody knows' },
};

/**
 * A table that sorts itself.
 *
 * @param {object} what
 * @param {string} what.caption
 * @param {string} what.label the header of the names
 * @param {object[]} what.rows each with `before`, its row in the earlier window, or null if there is no such window
 * @param {object} what.total the row of the total, from the API
 * @param {string} what.sort a column's key, with a minus before it for the largest first
 * @param {function(string)} what.sorted gets the new sort key
 * @param {function(object): Node[]} what.name what the first cell of a row holds
 * @param {Map<string, string>} what.colours the CSS class of a name's colour, if it has one; a missing name is empty here
 */
export function figuresTable({ caption, label, rows, total, sort, sorted, name, colours }) {
  const hasBefore = total.before !== null;
  const keys = Object.keys(COLUMNS).filter(
    (key) =>
      (key !== 'change' || hasBefore) &&
      (key !== 'unpriced' || total.unpriced > 0) &&
      (key !== 'p95' || 'p95' in total),
  );
  const amounts = rows.flatMap((each) => [each.cost, each.before?.cost ?? 0]);
  const scale = largest(amounts);
  const dollars = money(amounts.concat(total.cost));
  const body = el('tbody');
  const heads = new Map();
  let [column, downwards] = read(sort, keys);
  let shown = FIRST_ROWS;

  const more = el('button', {
    type: 'button',
    click: () => {
      shown += MORE_ROWS;
      fill();
    },
  });
  const moreLine = el('p', { class: 'more' }, more);

  function fill() {
    const factor = downwards ? -1 : 1;
    const value = COLUMNS[column].of;
    const ordered = [...rows].sort((a, b) => factor * compare(value(a), value(b)) || compare(a.name, b.name));
    body.replaceChildren();
    for (const each of ordered.slice(0, shown)) {
      body.append(line(each, keys, dollars, scale, name(each), colours.get(each.name ?? '')));
    }
    for (const [key, head] of heads) {
      head.setAttribute('aria-sort', key !== column ? 'none' : downwards ? 'descending' : 'ascending');
    }
    moreLine.hidden = ordered.length <= shown;
    more.textContent =
      ordered.length - shown <= MORE_ROWS
        ? `Show all ${count(ordered.length)}`
        : `Show ${count(MORE_ROWS)} more of ${count(ordered.length)}`;
  }

  function sortBy(key) {
    downwards = key === column ? !downwards : key !== 'name';
    column = key;
    fill();
    sorted((downwards ? '-' : '') + column);
  }

  for (const key of keys) {
    const { label: text, title } = COLUMNS[key];
    heads.set(
      key,
      el(
        'th',
        { scope: 'col', class: key },
        el('button', { type: 'button', title: title ?? null, click: () => sortBy(key) }, text ?? label),
      ),
    );
  }
  const foot = line(total, keys, dollars, 0, ['All'], null);
  foot.querySelector('th').setAttribute('scope', 'row');
  fill();
  return el(
    'div',
    {},
    el(
      'div',
      { class: 'scroll', role: 'region', 'aria-label': caption, tabindex: 0 },
      el(
        'table',
        { class: 'figures' },
        el('caption', {}, caption),
        el('thead', {}, el('tr', {}, [...heads.values()])),
        body,
        rows.length > 1 ? el('tfoot', {}, foot) : null,
      ),
    ),
    moreLine,
  );
}

function read(sort, keys) {
  const key = sort?.replace(/^-/, '');
  return keys.includes(key) ? [key, sort.startsWith('-')] : ['cost', true];
}

const compare = (a, b) => ((a ?? '') < (b ?? '') ? -1 : (a ?? '') > (b ?? '') ? 1 : 0);

function line(each, keys, dollars, scale, name, colour) {
  const cells = {
    cost: () => [
      share(each, scale, colour ?? 'fill-share'),
      figure(
        each.cost,
        dollars(each.cost),
        [exactMoney(each.cost), notExact(each)?.toLowerCase()].filter(Boolean).join(', '),
      ),
    ],
    change: () => changeOf(each, dollars),
    calls: () => figure(each.calls, count(each.calls)),
    failed: () => [
      figure(each.failed, count(each.failed)),
      each.failed > 0 ? el('span', { class: 'rate' }, percent(each.failed, each.calls)) : null,
    ],
    p95: () => (each.calls > each.failed ? figure(each.p95, duration(each.p95)) : figure(each.p95, '–')),
    input: () => figure(each.input, count(each.input)),
    output: () => figure(each.output, count(each.output)),
    unpriced: () => figure(each.unpriced, count(each.unpriced)),
  };
  return el(
    'tr',
    { class: each.calls === 0 ? 'gone' : null },
    keys.map((key) =>
      key === 'name' ? el('th', { scope: 'row', class: 'name' }, name) : el('td', { class: key }, cells[key]()),
    ),
  );
}

/** A bar for the share of the largest value, with a mark for the earlier value. */
function share(each, scale, colour) {
  if (scale === 0) {
    return null;
  }
  const part = (amount) => (amount / scale) * 100;
  return svg(
    'svg',
    { class: 'share', viewBox: '0 0 100 10', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    svg('rect', { class: colour, x: 0, y: 1, width: part(each.cost), height: 8 }),
    each.before
      ? svg('rect', { class: 'before', x: Math.max(0, part(each.before.cost) - 1), y: 0, width: 1.2, height: 10 })
      : null,
  );
}

function changeOf(each, dollars) {
  const before = each.before?.cost ?? 0;
  const { text, direction } = change(each.cost, before);
  const amount = `${direction > 0 ? '+' : direction < 0 ? '−' : ''}${dollars(Math.abs(difference(each.cost, before)))}`;
  return el(
    'span',
    { class: 'change', title: `${exactMoney(before)} before` },
    direction === 0 ? text : [el('span', { class: 'amount' }, amount), ' ', el('span', { class: 'rate' }, text)],
  );
}
