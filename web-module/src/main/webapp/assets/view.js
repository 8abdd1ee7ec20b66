// The state of the view, as the address has it, so that a link reproduces the view. The key is never in the address.

import { PRESETS, homeZone, instantOf, isZone } from './time.js';

export const VIEWS = ['overview', 'users', 'sessions', 'session', 'calls', 'invocation', 'try'];
export const METRICS = { spend: 'Spend', calls: 'Calls', failed: 'Failures', tokens: 'Tokens' };

/** The table by model uses the requested model, since a failed call has no other. */
export const GROUPS = { tenant: 'Tenant', operation: 'Operation', requested_model: 'Model' };

/** More dimensions, on demand. Each tag is one more. */
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

/** Whether calls can be grouped and filtered by this name. */
export const isDimension = (name) => Object.hasOwn(GROUPS, name) || isMore(name);

/** The name of a dimension for people. */
export const dimensionLabel = (name) => GROUPS[name] ?? MORE[name] ?? `Tag ${name.slice('tag.'.length)}`;

/** The filters of a view by dimension, without the tenant. */
export const filtersOf = (state) =>
  Object.fromEntries(Object.entries(state).filter(([name]) => name !== 'tenant' && isDimension(name)));

const CHOICES = {
  view: VIEWS,
  window: Object.keys(PRESETS),
  metric: Object.keys(METRICS),
  status: ['ok', 'error'],
};

/** Reads the state. Unknown or impossible values are ignored, so that an old link still shows something. */
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
    // The empty value is allowed: it means the calls without a value.
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
  if (instantOf(given.get('at') ?? '', state.zone) !== null) {
    state.at = given.get('at');
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
