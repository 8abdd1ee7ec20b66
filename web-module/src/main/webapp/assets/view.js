// What is shown, as the address says it: a link reproduces the view. The key is never part of it.

import { PRESETS, homeZone, instantOf, isZone } from './time.js';

export const VIEWS = ['overview', 'calls', 'invocation', 'try'];
export const METRICS = { spend: 'Spend', calls: 'Calls', failed: 'Failures', tokens: 'Tokens' };
export const GROUPS = { tenant: 'Tenant', operation: 'Operation', model: 'Model' };

const FREE_TEXT = ['tenant', 'operation', 'model'];
const SORTS = ['sort-tenant', 'sort-operation', 'sort-model'];
const CHOICES = {
  view: VIEWS,
  window: Object.keys(PRESETS),
  metric: Object.keys(METRICS),
  group: Object.keys(GROUPS),
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
  for (const name of FREE_TEXT) {
    // Empty is a name too: that of the model of a call that failed.
    if (given.has(name) && (name === 'model' || given.get(name) !== '')) {
      state[name] = given.get(name);
    }
  }
  for (const name of SORTS) {
    if (/^-?[a-z0-9]+$/.test(given.get(name) ?? '')) {
      state[name] = given.get(name);
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
