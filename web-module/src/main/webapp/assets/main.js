// The page: it chooses the view, and shows what to do when an answer does not come.

import { Problem } from './api.js';
import { calls, invocation, pathOf } from './calls.js';
import { controls } from './controls.js';
import { announce, el } from './dom.js';
import { overview } from './overview.js';
import { alarm, panel } from './recording.js';
import { noFilters } from './filters.js';
import { session } from './session.js';
import { forgetKey, keptKey, nobody, signedIn, signInForm } from './sign-in.js';
import { explained, loading, passes } from './states.js';
import { themes } from './theme.js';
import { instantOf, parameters, windowOf } from './time.js';
import { tryIt } from './try.js';
import { sessions, users } from './users.js';
import { format, parse } from './view.js';

const TITLES = {
  overview: 'Overview',
  users: 'Users',
  sessions: 'Sessions',
  session: 'Session',
  calls: 'Calls',
  invocation: 'One invocation',
  try: 'Try it',
};
const SHOWS = { overview, users, sessions, session, calls, invocation, try: tryIt };
const NAVIGATED = { invocation: 'calls', session: 'users', sessions: 'users' };
/** What changes nothing about the order of a list. */
const KEEP_PLACE = ['zone', 'at'];
const AGAIN = 5000;
const RECORDING_EVERY = 30_000;

const byId = (id) => document.getElementById(id);
const main = byId('main');
const content = el('div', { id: 'content' });
const alarms = el('div', { id: 'alarms' });

const app = {
  ...nobody(),
  state: parse(location.hash),

  /** The instant for which the view is shown. */
  now: Date.now(),

  /** The address of this view with some changes; undefined removes a member. */
  link(changes) {
    const changed = { ...app.state, ...changes };
    if (changed.window !== 'custom') {
      delete changed.from;
      delete changed.to;
    }
    if (changed.view !== 'invocation') {
      delete changed.call;
    }
    if (
      changed.view !== 'session' ||
      (!('cursor' in changes) && Object.keys(changes).some((name) => !KEEP_PLACE.includes(name)))
    ) {
      // The cursor was a place in another list.
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
        // The filters that led to single calls are not those of the overview.
        Object.keys(noFilters(changed)).forEach((name) => delete changed[name]);
      }
    }
    return format(changed);
  },

  go(changes) {
    location.hash = app.link(changes);
  },

  /** Writes changes into the address without a new request. */
  remember(changes) {
    Object.assign(app.state, changes);
    history.replaceState(null, '', app.link({}));
    nav();
  },

  moved() {
    app.state = parse(location.hash);
    // The form stays as it is, since somebody may be typing a key or waiting for its answer.
    if (content.querySelector('.sign-in') === null) {
      show();
    }
  },

  refresh() {
    show();
  },

  /** A button that saves the calls of the view, or of the given filter, as a file. */
  csvButton(filter) {
    const button = el('button', { type: 'button' }, 'Calls as CSV');
    const asked =
      'call_id' in filter
        ? filter
        : { ...parameters(windowOf(app.state, app.now)), tenant: app.isAdmin ? app.state.tenant : null, ...filter };
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
  const { signal } = showing;
  if (app.api === null) {
    signInAgain(signal);
    return;
  }
  app.now = app.state.at === undefined ? Date.now() : instantOf(app.state.at, app.state.zone);
  nav();
  controlForm.show();
  const isOther = shownView !== null && shownView !== app.state.view;
  const wasFailed = content.querySelector('.message.failed') !== null;
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
    place(
      parts.filter((part) => part !== null),
      isOther,
    );
    recording(signal);
  } catch (problem) {
    if (signal.aborted || problem.name === 'AbortError') {
      return;
    }
    // Nobody waits for the other reports of the view, and the server has few places for reports.
    showing.abort();
    showing = new AbortController();
    failed(problem, wasFailed);
    recording(showing.signal);
  }
}

function place(parts, isOther) {
  const focused = document.activeElement?.closest('#content') ? where(document.activeElement) : null;
  content.replaceChildren(
    ...parts,
    ...(app.state.view === 'overview' && app.recording ? [panel(app.recording, app.state.zone)] : []),
  );
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

/** A selector that finds the same control after the content was made anew. */
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
    content.replaceChildren(
      explained(problem, {
        again: show,
        reset: () => {
          location.hash = '#view=overview';
        },
      }),
    );
    announce(content.querySelector('h2').textContent);
  }
  if (passes(problem)) {
    retry = setTimeout(show, AGAIN);
  }
}

/** Shows the state of recording. It is asked for separately, so that it neither delays nor hides the figures. */
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
  } else if (
    app.state.view === 'overview' &&
    !content.querySelector('.message.failed') &&
    !content.querySelector('.loading')
  ) {
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
  const form = signInForm(why, enter);
  content.replaceChildren(form);
  form.querySelector('#key').focus();
}

/** Signs in with the key of this tab, or asks for one if the tab has none. */
async function signInAgain(signal) {
  const key = keptKey();
  if (key === null) {
    signIn();
    return;
  }
  const wasFailed = content.querySelector('.message.failed') !== null;
  if (!wasFailed) {
    content.replaceChildren(loading());
  }
  try {
    await enter(key, signal);
  } catch (problem) {
    if (!signal.aborted) {
      failed(problem, wasFailed);
    }
  }
}

async function enter(key, signal) {
  Object.assign(app, await signedIn(key, signal));
  byId('who').textContent = app.isAdmin ? 'Admin' : 'Tenant';
  byId('sign-out').hidden = false;
  shownView = null;
  content.replaceChildren();
  show();
}

function signOut(why = '') {
  forgetKey();
  Object.assign(app, nobody());
  showing.abort();
  clearTimeout(retry);
  shownView = null;
  signIn(why);
}

function start() {
  main.append(alarms, content);
  themes(byId('theme'));
  byId('sign-out').addEventListener('click', () => signOut());
  byId('skip').addEventListener('click', (event) => {
    // The link must not change the address, which belongs to the view.
    event.preventDefault();
    main.focus();
  });
  window.addEventListener('hashchange', app.moved);
  setInterval(() => {
    if (!document.hidden && app.api !== null) {
      recording(showing.signal);
    }
  }, RECORDING_EVERY);
  show();
}

start();
