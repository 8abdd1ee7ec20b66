// The page: who is signed in, which view is shown, and what happens when an answer does not come.

import { Api, Problem } from './api.js';
import { calls, invocation, pathOf } from './calls.js';
import { controls } from './controls.js';
import { announce, el } from './dom.js';
import { overview } from './overview.js';
import { alarm, panel } from './recording.js';
import { noFilters } from './filters.js';
import { session } from './session.js';
import { explained, loading, passes } from './states.js';
import { parameters, windowOf } from './time.js';
import { tryIt } from './try.js';
import { sessions, users } from './users.js';
import { format, parse } from './view.js';

const KEY = 'tokentally.key';
const THEME = 'tokentally.theme';
const THEMES = { auto: 'Theme: auto', light: 'Theme: light', dark: 'Theme: dark' };
const TITLES = { overview: 'Overview', users: 'Users', sessions: 'Sessions', session: 'Session', calls: 'Calls', invocation: 'One invocation', try: 'Try it' };
const SHOWS = { overview, users, sessions, session, calls, invocation, try: tryIt };
const NAVIGATED = { invocation: 'calls', session: 'users', sessions: 'users' };
const NO_SETTINGS = { users: null, trace_url: null };
const AGAIN = 5000;
const RECORDING_EVERY = 30_000;

const byId = (id) => document.getElementById(id);
const main = byId('main');
const content = el('div', { id: 'content' });
const alarms = el('div', { id: 'alarms' });

const app = {
  api: null,
  isAdmin: false,
  recording: null,
  settings: NO_SETTINGS,
  state: parse(location.hash),

  /** The address of this view with something else in it; undefined takes a member away. */
  link(changes) {
    const changed = { ...app.state, ...changes };
    if (changed.window !== 'custom') {
      delete changed.from;
      delete changed.to;
    }
    if (changed.view !== 'invocation') {
      delete changed.call;
    }
    if (changed.view !== 'session' || (!('cursor' in changes) && Object.keys(changes).some((name) => name !== 'zone'))) {
      // It was a place in another list.
      delete changed.cursor;
      delete changed.page;
    }
    if (changed.view === 'users' && app.state.view !== 'users') {
      delete changed.user;
      delete changed.session;
    }
    if (changed.view === 'users' || changed.view === 'sessions') {
      delete changed.status;
    }
    if (changed.view === 'overview') {
      delete changed.status;
      if (app.state.view !== 'overview') {
        // What led to single calls is not what the overview was of.
        Object.keys(noFilters(changed)).forEach((name) => delete changed[name]);
      }
    }
    return format(changed);
  },

  go(changes) {
    location.hash = app.link(changes);
  },

  /** Into the address, without asking for anything again. */
  remember(changes) {
    Object.assign(app.state, changes);
    history.replaceState(null, '', app.link({}));
    nav();
  },

  moved() {
    app.state = parse(location.hash);
    show();
  },

  refresh() {
    show();
  },

  /** Calls of the view's window, or of the filter that is given, as a file. */
  csvButton(filter) {
    const button = el('button', { type: 'button' }, 'Calls as CSV');
    const asked = 'call_id' in filter ? filter : { ...parameters(windowOf(app.state, Date.now())), tenant: app.isAdmin ? app.state.tenant : null, ...filter };
    button.addEventListener('click', async () => {
      button.disabled = true;
      button.parentElement.querySelector('.note')?.remove();
      try {
        save(await app.api.csv(pathOf(app), asked));
        announce('The file has been downloaded.');
      } catch (problem) {
        button.after(el('p', { class: 'note', role: 'alert' }, `No file: ${problem.message}`));
      } finally {
        button.disabled = false;
      }
    });
    return button;
  },
};

function save(file) {
  const url = URL.createObjectURL(file);
  el('a', { href: url, download: 'llm-calls.csv' }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

const controlForm = controls(app, byId('controls'));
let showing = new AbortController();
let retry = null;
let shownView = null;

async function show() {
  showing.abort();
  showing = new AbortController();
  clearTimeout(retry);
  if (app.api === null) {
    signIn();
    return;
  }
  const { signal } = showing;
  nav();
  controlForm.show();
  const isOther = shownView !== null && shownView !== app.state.view;
  const wasFailed = content.querySelector('.failed') !== null;
  main.setAttribute('aria-busy', 'true');
  if (isOther || content.childElementCount === 0) {
    content.replaceChildren(loading());
  }
  if (!wasFailed) {
    announce('Loading the figures.');
  }
  document.title = `${TITLES[app.state.view]} · Tokentally`;
  try {
    const parts = await SHOWS[app.state.view](app, signal);
    if (signal.aborted) {
      return;
    }
    place(parts.filter((part) => part !== null), isOther);
    recording(signal);
  } catch (problem) {
    if (signal.aborted || problem.name === 'AbortError') {
      return;
    }
    failed(problem, wasFailed);
    recording(signal);
  }
}

function place(parts, isOther) {
  const focused = document.activeElement?.closest('#content') ? where(document.activeElement) : null;
  content.replaceChildren(...parts, ...(app.state.view === 'overview' && app.recording ? [panel(app.recording, app.state.zone)] : []));
  main.removeAttribute('aria-busy');
  shownView = app.state.view;
  announce(`${TITLES[app.state.view]}: the figures are there.`);
  if (isOther) {
    window.scrollTo(0, 0);
    content.querySelector('h1')?.focus();
  } else if (focused) {
    (content.querySelector(focused) ?? content.querySelector('h1'))?.focus();
  }
}

/** Where the same control will be when the content has been made anew. */
function where(element) {
  if (element.matches('input[type=radio]')) {
    return `input[name="${element.name}"][value="${element.value}"]`;
  }
  return element.matches('select[id], a[id]') ? `#${element.id}` : 'h1';
}

function failed(problem, wasFailed) {
  main.removeAttribute('aria-busy');
  if (problem.code === 'unauthorized') {
    signOut('This key is not valid any more. It may have been taken out of the configuration.');
    return;
  }
  if (!(problem instanceof Problem)) {
    console.error(problem);
  }
  shownView = app.state.view;
  if (!wasFailed || !passes(problem)) {
    content.replaceChildren(explained(problem, { again: show, reset: () => { location.hash = '#view=overview'; } }));
    announce(content.querySelector('h2').textContent);
  }
  if (passes(problem)) {
    retry = setTimeout(show, AGAIN);
  }
}

/** Beside the figures, so that it neither holds them up nor takes them away. */
async function recording(signal) {
  if (!app.isAdmin) {
    return;
  }
  try {
    app.recording = await app.api.get('recording', {}, signal);
  } catch {
    return;
  }
  const news = alarm(app.recording, app.state.zone);
  if (alarms.textContent !== (news?.textContent ?? '')) {
    alarms.replaceChildren(...(news ? [news] : []));
  }
  const old = byId('recording');
  if (old) {
    old.replaceWith(panel(app.recording, app.state.zone));
  } else if (app.state.view === 'overview' && !content.querySelector('.failed') && !content.querySelector('.loading')) {
    content.append(panel(app.recording, app.state.zone));
  }
}

function nav() {
  byId('nav').hidden = false;
  for (const link of byId('nav').querySelectorAll('a')) {
    const { view } = link.dataset;
    link.href = app.link({ view });
    const isHere = view === (NAVIGATED[app.state.view] ?? app.state.view);
    if (isHere) {
      link.setAttribute('aria-current', 'page');
    } else {
      link.removeAttribute('aria-current');
    }
  }
  byId('brand').href = app.link({ view: 'overview', tenant: undefined });
}

function signIn(why = '') {
  document.title = 'Sign in · Tokentally';
  byId('nav').hidden = true;
  byId('controls').hidden = true;
  byId('sign-out').hidden = true;
  byId('who').textContent = '';
  alarms.replaceChildren();
  main.removeAttribute('aria-busy');
  const key = el('input', { id: 'key', type: 'password', required: true, autocomplete: 'off', spellcheck: 'false', 'aria-describedby': 'key-hint' });
  const button = el('button', { class: 'primary' }, 'Sign in');
  const problem = el('p', { class: 'note', role: 'alert', hidden: why === '' }, why);
  const form = el('form', { class: 'card sign-in' },
    el('h1', { tabindex: -1 }, 'Who spends what'),
    el('p', {}, 'Sign in with an API key. A tenant\'s key shows that tenant, an admin\'s key shows all.'),
    el('label', { for: 'key' }, 'API key'),
    key,
    el('p', { class: 'hint', id: 'key-hint' }, 'It is kept for this tab only, and leaves the browser in the header of each request.'),
    problem,
    el('p', { class: 'actions' }, button));
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    button.disabled = true;
    problem.hidden = true;
    try {
      await enter(key.value.trim());
    } catch (failure) {
      problem.textContent = refusal(failure);
      problem.hidden = false;
      key.setAttribute('aria-invalid', 'true');
      key.select();
      key.focus();
    } finally {
      button.disabled = false;
    }
  });
  content.replaceChildren(form);
  key.focus();
}

function refusal(failure) {
  if (failure.code === 'unauthorized') {
    return 'This key is not known here. Check that it is whole, and that its entry is in tokentally.api-keys.';
  }
  return failure instanceof Problem ? failure.message : 'This key is not known here: it has characters that no key has.';
}

/** Which role a key has is found by asking: how recording is doing is for admins, and needs no store. */
async function enter(key) {
  const api = new Api(key);
  try {
    app.recording = await api.get('recording');
    app.isAdmin = true;
  } catch (problem) {
    if (problem.code !== 'forbidden') {
      throw problem;
    }
    app.recording = null;
    app.isAdmin = false;
  }
  // Without them all figures can be shown.
  app.settings = await api.get('dashboard').catch(() => NO_SETTINGS);
  sessionStorage.setItem(KEY, key);
  app.api = api;
  byId('who').textContent = app.isAdmin ? 'Admin' : 'Tenant';
  byId('sign-out').hidden = false;
  shownView = null;
  content.replaceChildren();
  show();
}

function signOut(why = '') {
  sessionStorage.removeItem(KEY);
  app.api = null;
  app.recording = null;
  showing.abort();
  clearTimeout(retry);
  shownView = null;
  signIn(why);
}

function theme(name) {
  document.documentElement.dataset.theme = name;
  byId('theme').textContent = THEMES[name];
}

function nextTheme() {
  const names = Object.keys(THEMES);
  const next = names[(names.indexOf(document.documentElement.dataset.theme) + 1) % names.length];
  localStorage.setItem(THEME, next);
  theme(next);
}

async function start() {
  main.append(alarms, content);
  const kept = localStorage.getItem(THEME);
  theme(kept in THEMES ? kept : 'auto');
  byId('theme').addEventListener('click', nextTheme);
  byId('sign-out').addEventListener('click', () => signOut());
  byId('skip').addEventListener('click', (event) => {
    // Not by its address, which belongs to the view.
    event.preventDefault();
    main.focus();
  });
  window.addEventListener('hashchange', app.moved);
  setInterval(() => {
    if (!document.hidden && app.api !== null) {
      recording(showing.signal);
    }
  }, RECORDING_EVERY);
  const key = sessionStorage.getItem(KEY);
  if (key === null) {
    signIn();
    return;
  }
  content.replaceChildren(loading());
  try {
    await enter(key);
  } catch (problem) {
    if (problem.code === 'unauthorized') {
      signOut('This key is not valid any more.');
    } else {
      content.replaceChildren(explained(problem, { again: () => location.reload(), reset: () => signOut() }));
    }
  }
}

start();
