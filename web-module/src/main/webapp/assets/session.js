// A session as a timeline of its calls, page by page, so that a long session stays usable.

import { callRow, callTable } from './calls.js';
import { el, figure, svg } from './dom.js';
import { chips } from './filters.js';
import { compact, count, duration, exactMoney, exactTime, money, span } from './format.js';
import { keptFrom, message } from './states.js';
import { notExact, row, tile } from './table.js';
import { parameters, windowOf } from './time.js';
import { tenantChoice } from './users.js';
import { filtersOf } from './view.js';

const PAGE = 200;
const WIDTH = 1000;
const LEAST = 6;

export async function session(app, signal) {
  const choice = await tenantChoice(app, 'The session', signal);
  if (choice !== null && choice.tenants.length !== 1) {
    return [heading(app), filters(app), ...choice.parts];
  }
  const tenant = app.isAdmin ? (choice?.tenants[0] ?? app.state.tenant) : null;
  const start = app.isAdmin ? 'usage/all/' : 'usage/';
  const period = windowOf(app.state, app.now);
  const asked = { ...parameters(period), ...filtersOf(app.state), tenant };
  const [list, report] = await Promise.all([
    app.api.get(`${start}calls`, { ...asked, status: app.state.status, limit: PAGE, cursor: app.state.cursor }, signal),
    app.api.get(`${start}by`, { ...asked, dimension: 'session' }, signal),
  ]);
  const total = row('All', report.total);
  const dropped = keptFrom([list, report], app.state.zone);
  if (list.calls.length === 0) {
    return [
      heading(app),
      filters(app),
      dropped,
      message(
        'empty',
        'No calls of this session here',
        "It may have none in this window or with these filters, or be another tenant's.",
        el('a', { class: 'button', href: app.link({ window: 'all', status: undefined }) }, 'Show all time'),
        el('a', { class: 'button', href: app.link({ view: 'sessions', session: undefined }) }, 'Sessions'),
      ),
    ];
  }
  const calls = list.calls.reverse();
  return [
    heading(app, { ...asked, status: app.state.status }),
    filters(app),
    dropped,
    tiles(total),
    timeline(app, calls, list.next_cursor, total),
  ];
}

function heading(app, filter = null) {
  const { state } = app;
  return el(
    'header',
    { class: 'heading' },
    el(
      'div',
      {},
      el('h1', { tabindex: -1 }, 'Session ', el('bdi', {}, state.session)),
      el('p', { class: 'window' }, span(windowOf(state, app.now), state.zone)),
    ),
    el(
      'div',
      { class: 'actions' },
      el('a', { class: 'button', href: app.link({ view: 'sessions', session: undefined }) }, 'Sessions'),
      el('a', { class: 'button', href: app.link({ view: 'calls' }) }, 'Single calls'),
      filter === null ? null : app.csvButton(filter),
    ),
  );
}

function filters(app) {
  const { state } = app;
  const status = el(
    'select',
    { id: 'call-status', change: (event) => app.go({ status: event.target.value || undefined }) },
    [
      ['', 'All calls'],
      ['ok', 'Answered'],
      ['error', 'Failed'],
    ].map(([value, text]) => el('option', { value, selected: value === (state.status ?? '') }, text)),
  );
  return el('div', { class: 'filters' }, el('label', { for: 'call-status' }, 'Status'), status, chips(app, 'session'));
}

/** The figures of the whole session, from the API. */
function tiles(total) {
  const dollars = money([total.cost]);
  return el(
    'dl',
    { class: 'tiles' },
    tile('spend', 'Spend', figure(total.cost, dollars(total.cost), exactMoney(total.cost)), notExact(total)),
    tile('calls', 'Calls', figure(total.calls, count(total.calls))),
    tile('failed', 'Failed calls', figure(total.failed, count(total.failed))),
    tile(
      'tokens',
      'Tokens',
      figure(total.input + total.output, compact(total.input + total.output), count(total.input + total.output)),
    ),
    total.unpriced > 0 ? tile('unpriced warns', 'Unpriced calls', figure(total.unpriced, count(total.unpriced))) : null,
  );
}

function timeline(app, calls, cursor, total) {
  const { state } = app;
  const starts = calls.map((call) => Date.parse(call.started_at));
  const [from, to] = calls.reduce(
    ([first, last], call, index) => [
      Math.min(first, starts[index]),
      Math.max(last, starts[index] + call.call_duration_ms),
    ],
    [Infinity, -Infinity],
  );
  const dollars = money(calls.map((call) => call.cost_usd));
  const body = el(
    'tbody',
    {},
    calls.map((call, index) =>
      callRow(app, call, dollars, { after: starts[index] - from, picture: lane(call, starts[index], from, to) }),
    ),
  );
  const page = state.page ?? 1;
  const isAll = page === 1 && cursor === null;
  return el(
    'section',
    { class: 'card session-calls' },
    el(
      'header',
      {},
      el('h2', {}, 'What ran when'),
      el(
        'p',
        { class: 'hint shown' },
        isAll
          ? calls.length === 1
            ? 'Its one call is shown.'
            : `All ${count(calls.length)} calls are shown, in the order in which they started.`
          : `${count(calls.length)} of ${state.status === undefined ? count(total.calls) : 'the'} calls are shown: page ${count(page)} from the newest on, within it in the order in which they started.`,
      ),
    ),
    pager(app, page, cursor),
    el(
      'p',
      { class: 'hint axis' },
      `Bars go from ${exactTime(from, state.zone)} to ${exactTime(to, state.zone)}, which is ${duration(to - from)}.`,
    ),
    callTable(app, 'Calls of the session, in the order in which they started', body, true),
  );
}

/** The links to earlier calls and to the newest ones. Between them, the browser's history leads back. */
function pager(app, page, cursor) {
  if (page === 1 && cursor === null) {
    return null;
  }
  return el(
    'nav',
    { class: 'actions pager', 'aria-label': 'Pages of calls' },
    cursor === null
      ? null
      : el('a', { class: 'button', id: 'earlier', href: app.link({ cursor, page: page + 1 }) }, 'Earlier calls'),
    page === 1
      ? null
      : el(
          'a',
          { class: 'button', id: 'newest', href: app.link({ cursor: undefined, page: undefined }) },
          'Newest calls',
        ),
  );
}

/** A bar that shows when the call ran. The time and the duration beside it say the same as text. */
function lane(call, start, from, to) {
  const length = Math.max(1, to - from);
  const width = Math.min(WIDTH, Math.max(LEAST, (call.call_duration_ms / length) * WIDTH));
  return svg(
    'svg',
    { class: 'lane', viewBox: `0 0 ${WIDTH} 10`, preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    svg('rect', { class: 'lane-back', width: WIDTH, height: 10 }),
    svg('rect', {
      class: call.status === 'ok' ? 'fill-0' : 'fill-bad',
      x: Math.min(WIDTH - width, ((start - from) / length) * WIDTH),
      width,
      height: 10,
    }),
  );
}
