// What is shown, as the address says it: a link reproduces the view. The key is never part of it.

import { PRESETS, homeZone, instantOf, isZone } from './time.js';

export const VIEWS = ['overview', 'users', 'sessions', 'session', 'calls', 'invocation', 'try'];
export const METRICS = { spend: 'Spend', calls: 'Calls', failed: 'Failures', tokens: 'Tokens' };

/** A call that failed has no other model than the one that was asked for, so that one is what a table by model is of. */
export const GROUPS = { tenant: 'Tenant', operation: 'Operation', requested_model: 'Model' };

/** What else there is to group by, on demand; and the tags, which each have a name of their own. */
export const MORE = {
  model: 'Model that answered',
  provider: 'Provider',
  kind: 'Kind',
  user: 'User',
  session: 'Session',
  environment: 'Environment',
};

const TAG = /^tag\.[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const CURSOR = /^[A-Za-z0-9_-]{1,64}$/;
const PAGE_NUMBER = /^[1-9][0-9]{0,8}$/;
const NEVER_EMPTY = ['tenant', 'operation', 'kind'];

const isMore = (name) => Object.hasOwn(MORE, name) || TAG.test(name ?? '');

/** Whether calls can be grouped and filtered by it. */
export const isDimension = (name) => Object.hasOwn(GROUPS, name) || isMore(name);

/** What people call a dimension. */
export const dimensionLabel = (name) => GROUPS[name] ?? MORE[name] ?? `Tag ${name.slice('tag.'.length)}`;

/** Which calls a view is of, but for the tenant: by dimension. */
export const filtersOf = (state) =>
  Object.fromEntries(Object.entries(state).filter(([name]) => name !== 'tenant' && isDimension(name)));

const CHOICES = {
  view: VIEWS,
  window: Object.keys(PRESETS),
  metric: Object.keys(METRICS),
  status: ['ok', 'error'],
};

/** What is not known, or makes no sense, is as if it were not there: an old link still shows something. */
export function parse(hash) {
  const given = new URLSearchParams(hash.replace(/^#/, ''));
  const state = { view: 'overview', window: 'last-30-days', metric: 'spend', zone: homeZone() };
  for (const [name, allowed] of Object.entries(CHOICES)) {
    if (allowed.includes(given.get(name))) {
      state[name] = given.get(name);
    }
  }
  if (isDimension(given.get('group'))) {
    state.group = given.get('group');
  }
  if (isMore(given.get('by'))) {
    state.by = given.get('by');
  }
  for (const [name, value] of given) {
    // Empty is a value too: that of the calls that have none.
    if (isDimension(name) && (value !== '' || !NEVER_EMPTY.includes(name))) {
      state[name] = value;
    }
    if (name.startsWith('sort-') && isDimension(name.slice('sort-'.length)) && /^-?[a-z0-9]+$/.test(value)) {
      state[name] = value;
    }
  }
  if (given.has('zone') && isZone(given.get('zone'))) {
    state.zone = given.get('zone');
  }
  if (/^[0-9a-fA-F-]{36}$/.test(given.get('call') ?? '')) {
    state.call = given.get('call');
  }
  if (state.view === 'invocation' && !state.call) {
    state.view = 'calls';
  }
  if (state.view === 'session' && !state.session) {
    state.view = 'sessions';
  }
  if (state.view === 'session' && CURSOR.test(given.get('cursor') ?? '')) {
    state.cursor = given.get('cursor');
    state.page = PAGE_NUMBER.test(given.get('page') ?? '') ? Number(given.get('page')) : 2;
  }
  if (state.window === 'custom') {
    const ends = [given.get('from') ?? '', given.get('to') ?? ''];
    const [from, to] = ends.map((text) => instantOf(text, state.zone));
    if (from !== null && to !== null && from < to) {
      [state.from, state.to] = ends;
    } else {
      state.window = 'last-30-days';
    }
  }
  return state;
}

export function format(state) {
  const named = Object.entries(state).filter(([, value]) => value !== null && value !== undefined);
  return `#${new URLSearchParams(named)}`;
}
