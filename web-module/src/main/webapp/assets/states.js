// What the page shows instead of figures: while it waits for them, when there are none, and when something is wrong.

import { el } from './dom.js';
import { exactTime } from './format.js';

/** The page waits for figures. */
export function loading() {
  return el(
    'div',
    { class: 'loading' },
    el('p', {}, 'Loading the figures …'),
    el('div', { class: 'bone short' }),
    el('div', { class: 'bone' }),
    el('div', { class: 'bone' }),
  );
}

/** Since when several answers have all calls; null if none of them lacks dropped calls. */
export function latestKeptFrom(answers) {
  const instants = answers.filter((answer) => answer?.calls_kept_from).map((each) => Date.parse(each.calls_kept_from));
  return instants.length > 0 ? Math.max(...instants) : null;
}

/** Says since when an answer, or several together, have calls; null if they lack no dropped calls. */
export function keptFrom(answers, zone) {
  const from = latestKeptFrom([answers].flat());
  return from === null
    ? null
    : el('p', { class: 'hint kept-from' }, `Calls before ${exactTime(from, zone)} were dropped.`);
}

/** A message, with buttons for what the reader can do. */
export function message(kind, title, text, ...actions) {
  return el(
    'section',
    { class: `message ${kind}` },
    el('h2', {}, title),
    el('p', {}, text),
    actions.length > 0 ? el('p', { class: 'actions' }, actions) : null,
  );
}

/** There are no calls in the window, and what the reader can do about it. */
export const nothing = (app, text, ...actions) =>
  message(
    'empty',
    'No calls in this window',
    text,
    el('a', { class: 'button', href: app.link({ window: 'all' }) }, 'Show all time'),
    ...actions,
  );

/** Explains a problem to the reader, and what the reader can do about it. */
export function explained(problem, { again, reset }) {
  const retry = el('button', { type: 'button', click: again }, 'Try again');
  switch (problem.code) {
    case 'usage_backend_unavailable':
      return message(
        'failed',
        'The store is out of reach',
        'The usage records cannot be read at the moment. Applications go on as ever: what they call meanwhile waits on' +
          ' the local disk and is stored when the database is back. This page tries again every few seconds. If it lasts,' +
          ' look after the database that tokentally.datasource names.',
        retry,
      );
    case 'too_many_reports':
      return message(
        'failed',
        'Too many reports at once',
        'The server makes few reports at a time, and others are not done yet. This page tries again every few seconds.',
        retry,
      );
    case 'report_timeout':
      return message(
        'failed',
        'That took too long',
        'There are too many calls in this window for one report. Choose a shorter one, or have' +
          ' tokentally.reports.max-time raised.',
        retry,
      );
    case 'report_too_large':
      return message(
        'failed',
        'That is too much for the server',
        'The calls of this window are more varied than there is memory for. Choose a shorter one, or try again when fewer' +
          ' reports are made.',
        retry,
      );
    case 'no_answer':
      return message(
        'failed',
        'The server does not answer',
        'It may be restarting, or your network may be down. This page tries again every few seconds.',
        retry,
      );
    case 'validation_error':
      return message(
        'failed',
        'The server does not understand this view',
        problem.message,
        el('button', { type: 'button', click: reset }, 'Back to the overview'),
      );
    case 'forbidden':
      return message(
        'failed',
        'This key may not see that',
        'The link was made by somebody with another key. Your own figures are on the overview.',
        el('button', { type: 'button', click: reset }, 'Back to the overview'),
      );
    default:
      return message('failed', 'Something went wrong', problem.message ?? String(problem), retry);
  }
}

/** Whether a problem may end by itself, so that it makes sense to ask again. */
export const passes = (problem) =>
  ['usage_backend_unavailable', 'too_many_reports', 'no_answer'].includes(problem.code);
