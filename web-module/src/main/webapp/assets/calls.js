// Single calls, and all calls of one invocation.

import { sum } from './amount.js';
import { el, figure, svg } from './dom.js';
import { chips, noFilters } from './filters.js';
import { count, duration, exactMoney, exactTime, money, percent, seconds, span } from './format.js';
import { isUnpriced, prices } from './price.js';
import { keptFrom, message } from './states.js';
import { notExact, tile } from './table.js';
import { parameters, windowOf } from './time.js';
import { trace } from './trace.js';
import { filtersOf } from './view.js';

const PAGE = 50;
const MOST_OF_ONE = 1000;
const MOST_VALUES = 5;

/** The calls of the view, as parameters of the API. */
export function filter(app, period) {
  const { state, isAdmin } = app;
  return {
    ...parameters(period),
    tenant: isAdmin ? state.tenant : null,
    ...filtersOf(state),
    status: state.status,
  };
}

export const pathOf = (app) => (app.isAdmin ? 'usage/all/calls' : 'usage/calls');

export async function calls(app, signal) {
  const { api, state } = app;
  const period = windowOf(state, app.now);
  const asked = { ...filter(app, period), limit: PAGE };
  const first = await api.get(pathOf(app), asked, signal);
  const heading = el(
    'header',
    { class: 'heading' },
    el('div', {}, el('h1', { tabindex: -1 }, 'Single calls'), el('p', { class: 'window' }, span(period, state.zone))),
    el(
      'div',
      { class: 'actions' },
      state.session
        ? el('a', { class: 'button', href: app.link({ view: 'session' }) }, 'Timeline of the session')
        : null,
      app.csvButton(filter(app, period)),
    ),
  );
  if (first.calls.length === 0) {
    return [
      heading,
      filters(app),
      keptFrom(first, state.zone),
      message(
        'empty',
        'No such calls in this window',
        'Take a filter away, or choose a longer window above.',
        el(
          'a',
          { class: 'button', href: app.link({ ...noFilters(state), tenant: undefined, status: undefined }) },
          'Without filters',
        ),
        el('a', { class: 'button', href: app.link({ window: 'all' }) }, 'Show all time'),
      ),
    ];
  }
  return [
    heading,
    filters(app),
    keptFrom(first, state.zone),
    el('section', { class: 'card' }, pages(app, asked, first)),
  ];
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
  return el('div', { class: 'filters' }, el('label', { for: 'call-status' }, 'Status'), status, chips(app));
}

function pages(app, asked, first) {
  const body = el('tbody');
  const more = el('button', { type: 'button' }, `Show ${PAGE} more`);
  const problem = el('p', { class: 'note', role: 'alert', hidden: true });
  const place = el(
    'div',
    {},
    callTable(app, 'Single calls, newest first', body),
    el('p', { class: 'more' }, more),
    problem,
  );
  const shown = [...first.calls];
  let cursor = first.next_cursor;

  function fill() {
    const dollars = money(shown.map((call) => call.cost_usd));
    body.replaceChildren(...shown.map((call) => callRow(app, call, dollars)));
    more.parentElement.hidden = cursor === null;
  }

  more.addEventListener('click', async () => {
    more.disabled = true;
    problem.hidden = true;
    try {
      const next = await app.api.get(pathOf(app), { ...asked, cursor });
      const from = shown.length;
      shown.push(...next.calls);
      cursor = next.next_cursor;
      fill();
      // The button may be gone, or far below, so the focus goes to the first new call.
      body.rows[from].querySelector('a').focus();
    } catch (failure) {
      problem.textContent = `${failure.message} Try again.`;
      problem.hidden = false;
    } finally {
      more.disabled = false;
    }
  });
  fill();
  return place;
}

/**
 * A table of calls around its rows.
 *
 * @param {boolean} isTimeline whether each row shows when its call ran; all calls must then be of one tenant
 */
export function callTable(app, caption, body, isTimeline = false) {
  const heads = [
    'Started',
    ...(isTimeline ? ['After', 'When'] : app.isAdmin ? ['Tenant'] : []),
    'Operation',
    'Model',
    'Status',
    'Duration',
    'Tokens in',
    'Tokens out',
    'Cost',
    app.settings.trace_url === null ? null : 'Trace',
  ];
  return el(
    'div',
    { class: 'scroll', role: 'region', 'aria-label': caption, tabindex: 0 },
    el(
      'table',
      { class: 'figures calls' },
      el('caption', {}, caption),
      el(
        'thead',
        {},
        el(
          'tr',
          {},
          heads
            .filter((head) => head !== null)
            .map((head) => el('th', { scope: 'col', class: head.toLowerCase().replace(' ', '-') }, head)),
        ),
      ),
      body,
    ),
  );
}

/**
 * A call as a row.
 *
 * @param {object|null} when the time after the first call, as text and as a bar; null in a table without a timeline
 */
export function callRow(app, call, dollars, when = null) {
  return el(
    'tr',
    { 'data-id': call.id },
    el(
      'th',
      { scope: 'row', class: 'started' },
      el(
        'a',
        { href: app.link({ view: 'invocation', call: call.call_id }), title: 'All calls of this invocation' },
        el('time', { datetime: call.started_at }, exactTime(Date.parse(call.started_at), app.state.zone)),
      ),
    ),
    when === null
      ? app.isAdmin
        ? el('td', { class: 'tenant' }, call.tenant_id)
        : null
      : [el('td', { class: 'after' }, `+${duration(when.after)}`), el('td', { class: 'when' }, when.picture)],
    el('td', { class: 'operation' }, call.operation),
    el('td', { class: 'model', title: call.provider || null }, call.model || call.requested_model || '–'),
    el(
      'td',
      { class: 'status' },
      call.status === 'ok'
        ? el('span', { class: 'badge' }, 'ok')
        : el('span', { class: 'badge bad' }, call.error_class),
    ),
    el('td', { class: 'duration' }, figure(call.call_duration_ms, duration(call.call_duration_ms))),
    el('td', { class: 'tokens-in' }, figure(call.input_tokens, count(call.input_tokens))),
    el('td', { class: 'tokens-out' }, figure(call.output_tokens, count(call.output_tokens))),
    el(
      'td',
      { class: 'cost' },
      isUnpriced(call)
        ? figure(call.cost_usd, 'unpriced')
        : call.cost_source === 'maybe-billed'
          ? figure(call.cost_usd, 'maybe billed')
          : figure(
              call.cost_usd,
              dollars(call.cost_usd),
              call.cost_source === 'partial'
                ? `${exactMoney(call.cost_usd)}, priced in part`
                : exactMoney(call.cost_usd),
            ),
    ),
    app.settings.trace_url === null
      ? null
      : el('td', { class: 'trace' }, call.trace_id === null ? '–' : trace(app, call.trace_id, true)),
  );
}

/** All calls of one call id: which ran at the same time, which failed, and what they cost together. */
export async function invocation(app, signal) {
  const { api, state } = app;
  const answer = await api.get(pathOf(app), { call_id: state.call, limit: MOST_OF_ONE }, signal);
  const all = answer.calls.reverse();
  const heading = el(
    'header',
    { class: 'heading' },
    el(
      'div',
      {},
      el('h1', { tabindex: -1 }, 'One invocation'),
      el('p', { class: 'window' }, 'Call id ', el('code', {}, state.call)),
    ),
    el(
      'div',
      { class: 'actions' },
      el('a', { class: 'button', href: app.link({ view: 'calls', call: undefined }) }, 'Single calls'),
      app.csvButton({ call_id: state.call }),
    ),
  );
  const dropped = keptFrom(answer, state.zone);
  if (all.length === 0) {
    return [
      heading,
      dropped,
      message(
        'empty',
        dropped === null ? 'Nothing has been recorded under this call id' : 'There are no calls under this call id',
        dropped === null
          ? "It may be another tenant's, or its records may still wait for the store."
          : "Its records may have been dropped or may still wait for the store, or it may be another tenant's.",
      ),
    ];
  }
  const dollars = money(all.map((call) => call.cost_usd));
  const failed = all.filter((call) => call.status === 'error').length;
  const cost = sum(all.map((call) => call.cost_usd));
  const sources = {
    withoutPrice: all.filter(isUnpriced).length,
    partial: all.filter((call) => call.cost_source === 'partial').length,
    maybeBilled: all.filter((call) => call.cost_source === 'maybe-billed').length,
  };
  const starts = all.map((call) => Date.parse(call.started_at));
  const ends = all.map((call, index) => starts[index] + call.call_duration_ms);
  const [from, to] = [Math.min(...starts), Math.max(...ends)];
  const body = el(
    'tbody',
    {},
    all.map((call) => callRow(app, call, dollars)),
  );
  return [
    heading,
    dropped,
    answer.next_cursor === null
      ? null
      : el('p', { class: 'note' }, `Only the newest ${count(MOST_OF_ONE)} of its calls are shown.`),
    el(
      'dl',
      { class: 'tiles' },
      tile('cost', 'Cost', figure(cost, dollars(cost), exactMoney(cost)), notExact(sources)),
      tile('calls', 'Calls', figure(all.length, count(all.length))),
      tile('failures', 'Failed', [
        figure(failed, count(failed)),
        failed > 0 ? el('small', {}, ` ${percent(failed, all.length)}`) : null,
      ]),
      tile('span', 'From first to last', figure(to - from, duration(to - from))),
    ),
    known(app, all),
    el(
      'section',
      { class: 'card' },
      el(
        'header',
        {},
        el('h2', {}, 'What ran when'),
        el('p', { class: 'hint' }, `from ${exactTime(from, state.zone)}`),
      ),
      timeline(all, starts, from, to, state.zone),
    ),
    el('section', { class: 'card' }, callTable(app, 'Its calls, in the order in which they started', body)),
    prices(app, all, signal),
  ];
}

/** The other properties of the calls, each once with its values; null if there are none. */
function known(app, all) {
  const { tenant_id: tenant } = all[0];
  const isOfOne = all.every((call) => call.tenant_id === tenant);
  const facts = new Map();
  const add = (label, value) => value !== null && facts.set(label, (facts.get(label) ?? new Set()).add(value));
  for (const call of all) {
    add('User', call.user_id);
    add('Session', call.session_id);
    add('Environment', call.environment);
    Object.entries(call.tags ?? {}).forEach(([key, value]) => add(`Tag ${key}`, value));
    add('Model asked for', call.requested_model);
    add('Trace', call.trace_id);
    add('Span', call.span_id);
    add("Provider's id of the answer", call.response_id);
  }
  return facts.size === 0
    ? null
    : el(
        'section',
        { class: 'card known' },
        el('header', {}, el('h2', {}, 'For whom and where')),
        el(
          'dl',
          { class: 'facts' },
          [...facts].map(([label, values]) =>
            el(
              'div',
              {},
              el('dt', {}, label),
              el('dd', {}, some(values, isOfOne || label === 'Trace' ? SHOWN[label]?.(app, tenant) : undefined)),
            ),
          ),
        ),
      );
}

/** The properties whose values are links. */
const SHOWN = {
  User: (app, tenant) => (user) => el('a', { href: app.link({ ...whose(app, tenant), view: 'sessions', user }) }, user),
  Session: (app, tenant) => (session) =>
    el('a', { href: app.link({ ...whose(app, tenant), view: 'session', session }) }, session),
  Trace: (app) => (id) => trace(app, id),
};

/** The links cover all time, since the invocation may have been long ago. */
const whose = (app, tenant) => ({
  ...noFilters(app.state),
  tenant: app.isAdmin ? tenant : undefined,
  status: undefined,
  window: 'all',
});

function some(values, shown = (value) => el('bdi', {}, value)) {
  const more = values.size - MOST_VALUES;
  return [
    [...values].slice(0, MOST_VALUES).map((value, index) => [index === 0 ? '' : ', ', shown(value)]),
    more > 0 ? ` and ${count(more)} more` : '',
  ];
}

function timeline(all, starts, from, to, zone) {
  const length = Math.max(1, to - from);
  return el(
    'ol',
    { class: 'timeline' },
    all.map((call, index) =>
      el(
        'li',
        {},
        el(
          'span',
          { class: 'label' },
          `${seconds(starts[index], zone)} ${call.model === '' ? call.operation : call.model}`,
        ),
        svg(
          'svg',
          { class: 'lane', viewBox: '0 0 1000 10', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
          svg('rect', { class: 'lane-back', width: 1000, height: 10 }),
          svg('rect', {
            class: call.status === 'ok' ? 'fill-0' : 'fill-bad',
            x: Math.min(996, ((starts[index] - from) / length) * 1000),
            width: Math.max(4, (call.call_duration_ms / length) * 1000),
            height: 10,
          }),
        ),
        el(
          'span',
          { class: 'took' },
          duration(call.call_duration_ms),
          call.status === 'ok' ? '' : ` ${call.error_class}`,
        ),
      ),
    ),
  );
}
