// Signing in: the form, the key that this tab keeps, and what the key may ask for.

import { Api, Problem } from './api.js';
import { el } from './dom.js';

const KEPT = 'tokentally.key';
const NO_SETTINGS = { users: null, trace_url: null };

/** The key of this tab; null if nobody has signed in. */
export function keptKey() {
  return sessionStorage.getItem(KEPT);
}

export function forgetKey() {
  sessionStorage.removeItem(KEPT);
}

/** The state while nobody is signed in. */
export function nobody() {
  return { api: null, isAdmin: false, recording: null, settings: NO_SETTINGS };
}

/**
 * Signs in with a key, and keeps it. It finds the key's role by a request that only admins may make and that needs no
 * store.
 *
 * @param {string} key
 * @param {AbortSignal} [signal] ends it, so that an answer that comes later signs nobody in
 */
export async function signedIn(key, signal) {
  const api = new Api(key);
  let recording = null;
  let isAdmin = true;
  try {
    recording = await api.get('recording', {}, signal);
  } catch (problem) {
    if (problem.code !== 'forbidden') {
      throw problem;
    }
    isAdmin = false;
  }
  // The page can show all figures without the settings.
  const settings = await api.get('dashboard', {}, signal).catch(() => NO_SETTINGS);
  signal?.throwIfAborted();
  sessionStorage.setItem(KEPT, key);
  return { api, isAdmin, recording, settings };
}

/** The sign-in form. It says why a key was refused. The caller focuses the key's field. */
export function signInForm(why, enter) {
  const key = el('input', {
    id: 'key',
    type: 'password',
    required: true,
    autocomplete: 'off',
    spellcheck: 'false',
    'aria-describedby': 'key-hint',
  });
  const button = el('button', { class: 'primary' }, 'Sign in');
  const problem = el('p', { class: 'note', role: 'alert', hidden: why === '' }, why);
  const form = el(
    'form',
    { class: 'card sign-in' },
    el('h1', { tabindex: -1 }, 'Who spends what'),
    el('p', {}, "Sign in with an API key. A tenant's key shows that tenant, an admin's key shows all."),
    el('label', { for: 'key' }, 'API key'),
    key,
    el(
      'p',
      { class: 'hint', id: 'key-hint' },
      'It is kept for this tab only, and leaves the browser in the header of each request.',
    ),
    problem,
    el('p', { class: 'actions' }, button),
  );
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
  return form;
}

function refusal(failure) {
  if (failure.code === 'unauthorized') {
    return 'This key is not known here. Check that it is whole, and that its entry is in tokentally.api-keys.';
  }
  return failure instanceof Problem
    ? failure.message
    : 'This key is not known here: it has characters that no key has.';
}
