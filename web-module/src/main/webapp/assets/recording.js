// What recording is doing, for admins: shown on every view when something waits or was lost, and always on the overview.

import { el, figure } from './dom.js';
import { count, dateTime, exactTime } from './format.js';

/** What is wrong, most urgent first; null when nothing is. */
export function alarm(status, zone) {
  if (status.dropped > 0) {
    return el('p', { class: 'alarm bad', role: 'alert' },
      el('strong', {}, `${count(status.dropped)} records were lost`), ' since the server started: neither the store nor the',
      ' local disk took them. Look at the free space below ', el('code', {}, status.directory ?? 'the spool directory'), '.');
  }
  if (status.circuit === 'open') {
    return el('p', { class: 'alarm', role: 'alert' },
      el('strong', {}, `The store is down${status.store_down_since ? ` since ${dateTime(Date.parse(status.store_down_since), zone)}` : ''}.`),
      ` ${count(status.waiting)} ${status.waiting === 1 ? 'record waits' : 'records wait'} on the local disk`,
      status.oldest ? `, the oldest from ${exactTime(Date.parse(status.oldest), zone)}` : '',
      '. They are stored by themselves when it is back; until then the figures here are not complete.');
  }
  if (status.without_scope > 0) {
    return el('p', { class: 'alarm', role: 'alert' },
      el('strong', {}, `${count(status.without_scope)} ${status.without_scope === 1 ? 'call was' : 'calls were'} made outside a call scope`),
      ' since the server started: nobody is charged for them, and they are not in the figures here. The log says what to do.');
  }
  if (status.rejected > 0 || status.damaged > 0) {
    return el('p', { class: 'alarm', role: 'alert' },
      el('strong', {}, 'Some records need a look: '),
      `${count(status.rejected)} were refused by the store, and waiting records were found damaged ${count(status.damaged)} times. GET /recording/rejected lists them; see the log and `,
      el('code', {}, status.directory ?? 'the spool directory'), '.');
  }
  return null;
}

/** The whole state, for the foot of the overview. */
export function panel(status, zone) {
  const fact = (name, label, value) => el('div', { class: name }, el('dt', {}, label), el('dd', {}, value));
  const time = (text) => (text ? exactTime(Date.parse(text), zone) : '–');
  const number = (value) => figure(value, count(value));
  return el('section', { class: 'card recording', id: 'recording' },
    el('header', {}, el('h2', {}, 'Recording'), el('p', { class: 'hint' }, 'on the server that answered')),
    el('dl', { class: 'facts' },
      fact('store', 'Store', status.circuit === 'closed' ? 'takes records' : `down since ${time(status.store_down_since)}`),
      fact('waiting', 'Waiting records', number(status.waiting)),
      fact('oldest', 'Oldest of them', time(status.oldest)),
      fact('rejected', 'Refused', number(status.rejected)),
      fact('dropped', 'Lost', number(status.dropped)),
      fact('without_scope', 'Without a scope', number(status.without_scope)),
      fact('damaged', 'Found damaged', number(status.damaged)),
      fact('mode', 'Mode', status.mode)));
}
