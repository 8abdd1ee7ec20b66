// Sends one completion and watches its row arrive.

import { callRow, callTable, pathOf } from './calls.js';
import { announce, el, figure } from './dom.js';
import { count, exactMoney, money } from './format.js';

const EVERY = 400;
const PATIENCE = 20_000;

const NOT_YET = 'The row has not arrived yet. It waits on the local disk; look again under Calls.';
const STORE_IS_DOWN =
  'The call was answered all the same, but the store is out of reach. Its record waits on the local disk and is stored when the database is back.';
const NOT_READ = 'The call was answered, but the records could not be read just now; look again under Calls.';

const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));

export async function tryIt(app, signal) {
  const result = el('div', { class: 'result' });
  const field = (name, label, control) => el('div', { class: 'field' }, el('label', { for: name }, label), control);
  const operation = el('input', {
    id: 'operation',
    value: 'try-it',
    required: true,
    maxlength: 64,
    autocomplete: 'off',
  });
  const system = el('textarea', { id: 'system', rows: 2 }, 'You are brief.');
  const user = el('textarea', { id: 'user', rows: 4, required: true }, 'Say hello.');
  const send = el('button', { class: 'primary' }, 'Send');
  const form = el(
    'form',
    {
      class: 'card try',
      submit: (event) => {
        event.preventDefault();
        submit();
      },
    },
    field('operation', 'Operation', operation),
    field('system', 'System message', system),
    field('user', 'User message', user),
    el('p', { class: 'actions' }, send),
  );

  async function submit() {
    send.disabled = true;
    result.replaceChildren(el('p', { role: 'status' }, 'The model is asked …'));
    try {
      const answer = await app.api.post(
        'completions',
        {
          operation: operation.value,
          system_message: system.value,
          user_message: user.value,
        },
        signal,
      );
      const row = el('div', {}, el('p', { role: 'status' }, 'Waiting for its row …'));
      result.replaceChildren(answered(answer), row);
      await watch(answer.call_id, row);
    } catch (problem) {
      if (problem.name !== 'AbortError') {
        result.replaceChildren(el('p', { class: 'note', role: 'alert' }, problem.message));
      }
    } finally {
      send.disabled = false;
    }
  }

  async function watch(callId, place) {
    const deadline = Date.now() + PATIENCE;
    let why = NOT_YET;
    while (Date.now() < deadline && !signal.aborted) {
      try {
        const { calls } = await app.api.get(pathOf(app), { call_id: callId }, signal);
        if (calls.length > 0) {
          const body = el(
            'tbody',
            {},
            calls.map((call) => callRow(app, call, money([call.cost_usd]))),
          );
          place.replaceChildren(el('h2', {}, 'Its row'), callTable(app, 'What was recorded', body));
          announce('The row has arrived.');
          return;
        }
        why = NOT_YET;
      } catch (problem) {
        if (problem.name === 'AbortError') {
          return;
        }
        why = problem.code === 'usage_backend_unavailable' ? STORE_IS_DOWN : NOT_READ;
      }
      await pause(EVERY);
    }
    place.replaceChildren(el('p', { class: 'note', role: 'alert' }, why));
  }

  return [
    el(
      'header',
      { class: 'heading' },
      el(
        'div',
        {},
        el('h1', { tabindex: -1 }, 'Try it'),
        el(
          'p',
          { class: 'window' },
          "One call in the name of your key's tenant. It is recorded as any other; the messages are not.",
        ),
      ),
    ),
    el('div', { class: 'trial' }, form, result),
  ];
}

function answered(answer) {
  return el(
    'section',
    { class: 'answer' },
    el('h2', {}, 'The answer'),
    el('blockquote', {}, answer.content),
    el(
      'p',
      { class: 'hint' },
      `${answer.model === '' ? 'unknown model' : answer.model}: `,
      figure(answer.input_tokens, count(answer.input_tokens)),
      ' tokens in, ',
      figure(answer.output_tokens, count(answer.output_tokens)),
      ' out, ',
      // A cost of 0 may be one that nobody knows. The row tells the two apart.
      answer.cost_usd > 0 ? [figure(answer.cost_usd, exactMoney(answer.cost_usd)), ', '] : null,
      'call id ',
      el('code', {}, answer.call_id),
    ),
  );
}
