// The users of a tenant, and the sessions of a user: who used how much, with links to the calls.

import { el } from './dom.js';
import { chips } from './filters.js';
import { count, span } from './format.js';
import { keptFrom, message, nothing } from './states.js';
import { doubts, figuresTable, row, shownName } from './table.js';
import { parameters, windowOf } from './time.js';
import { dimensionLabel, filtersOf } from './view.js';

const LONGER = 'Take a filter away, or choose a longer window above.';

/** A report by one dimension, for the selected tenant. */
function by(app, dimension, period, signal) {
  const { api, state, isAdmin } = app;
  return api.get(
    isAdmin ? 'usage/all/by' : 'usage/by',
    { ...parameters(period), ...filtersOf(state), tenant: isAdmin ? state.tenant : null, dimension },
    signal,
  );
}

/**
 * The list from which an admin selects a tenant; null if no selection is needed. Users and sessions of different
 * tenants may have the same name, so the tenant must be known.
 *
 * @param {object} app
 * @param {string} what the word for what the view shows, such as Users
 * @param {AbortSignal} signal
 */
export async function tenantChoice(app, what, signal) {
  const { state } = app;
  if (!app.isAdmin || state.tenant !== undefined) {
    return null;
  }
  const period = windowOf(state, app.now);
  const report = await by(app, 'tenant', period, signal);
  const rows = report.groups.map((group) => row(group.value, group));
  if (rows.length === 0) {
    return { tenants: [], parts: [keptFrom(report, state.zone), nothing(app, LONGER)] };
  }
  return {
    tenants: rows.map((each) => each.name),
    parts: [
      keptFrom(report, state.zone),
      el(
        'section',
        { class: 'card', id: 'by-tenant' },
        el(
          'header',
          {},
          el('h2', {}, `${what} of which tenant?`),
          el('p', { class: 'hint' }, 'Tenants do not share them, even where names are the same.'),
        ),
        table(app, 'tenant', rows, row('All', report.total), (each) => ({ tenant: each.name })),
      ),
    ],
  };
}

export async function users(app, signal) {
  const { state } = app;
  const period = windowOf(state, app.now);
  const choice = await tenantChoice(app, 'Users', signal);
  const heading = head(
    app,
    'Users',
    period,
    el('a', { class: 'button', href: app.link({ view: 'sessions' }) }, 'All sessions'),
  );
  if (choice !== null) {
    return [heading, filters(app), usersNote(app), ...choice.parts];
  }
  const report = await by(app, 'user', period, signal);
  const rows = report.groups.map((group) => row(group.value, group));
  return [
    heading,
    filters(app),
    usersNote(app),
    keptFrom(report, state.zone),
    ...list(app, 'user', rows, report, 'A name leads to the sessions of that user.', (each) => ({
      view: 'sessions',
      user: each.name ?? '',
    })),
  ];
}

export async function sessions(app, signal) {
  const { state } = app;
  const period = windowOf(state, app.now);
  const choice = await tenantChoice(app, 'Sessions', signal);
  const isOfUser = state.user !== undefined;
  const heading = head(
    app,
    isOfUser ? `Sessions of ${shownName(state.user, 'user')}` : 'Sessions',
    period,
    el('a', { class: 'button', href: app.link({ view: 'users', user: undefined }) }, 'All users'),
  );
  if (choice !== null) {
    return [heading, filters(app), ...choice.parts];
  }
  const report = await by(app, 'session', period, signal);
  const rows = report.groups.map((group) => row(group.value, group));
  return [
    heading,
    filters(app),
    isOfUser ? usersNote(app) : null,
    keptFrom(report, state.zone),
    ...list(app, 'session', rows, report, 'A name leads to the calls of that session, one after the other.', (each) =>
      each.name === null ? { view: 'calls', status: undefined, session: '' } : { view: 'session', session: each.name },
    ),
  ];
}

function head(app, title, period, ...actions) {
  const { state } = app;
  return el(
    'header',
    { class: 'heading' },
    el('div', {}, el('h1', { tabindex: -1 }, title), el('p', { class: 'window' }, span(period, state.zone))),
    el(
      'div',
      { class: 'actions' },
      actions,
      el('a', { class: 'button', href: app.link({ view: 'calls', status: undefined }) }, 'Single calls'),
    ),
  );
}

function filters(app) {
  const list = chips(app);
  return list === null ? null : el('div', { class: 'filters' }, list);
}

function list(app, dimension, rows, report, hint, target) {
  const total = row('All', report.total);
  if (total.calls === 0) {
    return [nothing(app, LONGER)];
  }
  const without = rows.find((each) => each.name === null);
  const label = dimensionLabel(dimension).toLowerCase();
  if (without && rows.length === 1) {
    return [
      message(
        'empty',
        `No call here has a ${label}`,
        `${count(without.calls)} ${without.calls === 1 ? 'call was' : 'calls were'} recorded without one.`,
        el(
          'a',
          { class: 'button', href: app.link({ view: 'calls', status: undefined, [dimension]: '' }) },
          'Show them',
        ),
      ),
    ];
  }
  return [
    without
      ? el(
          'p',
          { class: 'note', id: `without-${dimension}` },
          `${count(without.calls)} of ${count(total.calls)} calls have no ${label}; they are the row “${shownName(null, dimension)}”.`,
        )
      : null,
    el(
      'section',
      { class: 'card', id: `by-${dimension}` },
      el('header', {}, el('h2', {}, `By ${label}`), el('p', { class: 'hint' }, hint)),
      table(app, dimension, rows, total, target),
    ),
  ];
}

function table(app, dimension, rows, total, target) {
  const key = `sort-${dimension}`;
  return [
    doubts(total) === '' ? null : el('p', { class: 'hint not-exact' }, `Spend is not exact: ${doubts(total)}.`),
    figuresTable({
      caption: `Spend by ${dimensionLabel(dimension).toLowerCase()}`,
      label: dimensionLabel(dimension),
      rows: rows.map((each) => ({ ...each, before: null })),
      total: { ...total, before: null },
      sort: app.state[key],
      sorted: (sort) => app.remember({ [key]: sort }),
      name: (each) => [el('a', { href: app.link(target(each)) }, shownName(each.name, dimension))],
      colours: new Map(),
    }),
  ];
}

/** Says what is recorded of users now. Older rows may have more or less. */
function usersNote(app) {
  const code = (text) => el('code', {}, text);
  switch (app.settings.users) {
    case 'off':
      return el(
        'p',
        { class: 'note', id: 'users-off' },
        'Users are not recorded: ',
        code('tokentally.user'),
        ' is ',
        code('off'),
        '. Calls that are made now have no user, whatever the application says; those of a time when it was another value keep theirs.',
      );
    case 'hashed':
      return el(
        'p',
        { class: 'note', id: 'users-hashed' },
        'Users are recorded by pseudonyms: ',
        code('tokentally.user'),
        ' is ',
        code('hashed'),
        '. The same user always has the same one, and it does not tell the name.',
      );
    default:
      return null;
  }
}
