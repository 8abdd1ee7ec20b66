// The state of recording, for admins. Every view shows it when records wait or were lost; the overview always shows it.

import { el, figure } from './dom.js';
import { count, dateTime, exactTime } from './format.js';

/** The most urgent fault; null if there is none. */
export function alarm(status, zone) {
  if (status.dropped > 0) {
    return el(
      'p',
      { class: 'alarm bad', role: 'alert' },
      el('strong', {}, `${count(status.dropped)} records were lost`),
      ' since the server started: neither the store nor the',
      ' local disk took them. Look at the free space below ',
      el('code', {}, status.directory ?? 'the spool directory'),
      '.',
    );
  }
  if (status.circuit === 'open') {
    return el(
      'p',
      { class: 'alarm', role: 'alert' },
      el(
        'strong',
        {},
        `The store is down${status.store_down_since ? ` since ${dateTime(Date.parse(status.store_down_since), zone)}` : ''}.`,
      ),
      ` ${count(status.waiting)} ${status.waiting === 1 ? 'record waits' : 'records wait'} on the local disk`,
      status.oldest ? `, the oldest from ${exactTime(Date.parse(status.oldest), zone)}` : '',
      '. They are stored by themselves when it is back; until then the figures here are not complete.',
    );
  }
  if (status.without_scope > 0) {
    return el(
      'p',
      { class: 'alarm', role: 'alert' },
      el(
        'strong',
        {},
        `${count(status.without_scope)} ${status.without_scope === 1 ? 'call was' : 'calls were'} made outside a call scope`,
      ),
      ' since the server started: nobody is charged for them, and they are not in the figures here. The log says what to do.',
    );
  }
  if (status.rejected > 0 || status.damaged > 0) {
    return el(
      'p',
      { class: 'alarm', role: 'alert' },
      el('strong', {}, 'Some records need a look: '),
      `${count(status.rejected)} were refused by the store, and waiting records were found damaged ${count(status.damaged)} times. GET /recording/rejected lists them; see the log and `,
      el('code', {}, status.directory ?? 'the spool directory'),
      '.',
    );
  }
  return alarmOfOthers(status.nodes, zone);
}

/** Called when the answering application has no fault, so every fault found here is another application's. */
function alarmOfOthers(nodes, zone) {
  const alive = nodes.filter((node) => node.state === 'alive');
  const lost = alive.filter((node) => node.dropped > 0);
  if (lost.length > 0) {
    return tell(
      'alarm bad',
      'Records were lost elsewhere: ',
      lost.map((node) => `${count(node.dropped)} in ${place(node)}`),
    );
  }
  const down = alive.filter((node) => node.circuit === 'open');
  if (down.length > 0) {
    return tell(
      'alarm',
      'The store takes no records from: ',
      down.map((node) => `${place(node)}, where ${count(node.waiting)} wait`),
    );
  }
  const outside = alive.filter((node) => node.without_scope > 0);
  if (outside.length > 0) {
    return tell(
      'alarm',
      'Calls were made outside a call scope: ',
      outside.map((node) => `${count(node.without_scope)} in ${place(node)}`),
    );
  }
  const rejected = alive.filter((node) => node.rejected > 0);
  if (rejected.length > 0) {
    return tell(
      'alarm',
      'The store refuses records: ',
      rejected.map((node) => `${count(node.rejected)} of ${place(node)}`),
    );
  }
  const missing = nodes.filter((node) => node.state === 'missing');
  if (missing.length > 0) {
    return tell(
      'alarm',
      `${count(missing.length)} of ${count(nodes.length)} nodes ${missing.length === 1 ? 'is' : 'are'} missing: `,
      missing.map((node) => `${place(node)}, since ${exactTime(Date.parse(node.last_seen), zone)}`),
    );
  }
  return null;
}

const SHOWN = 3;

function tell(name, what, places) {
  const more = places.length > SHOWN ? `; and ${count(places.length - SHOWN)} more` : '';
  return el(
    'p',
    { class: name, role: 'alert' },
    el('strong', {}, what),
    `${places.slice(0, SHOWN).join('; ')}${more}.`,
  );
}

const place = (node) => `${node.application} on ${node.node}`;

/** The whole state, for the end of the overview. */
export function panel(status, zone) {
  const fact = (name, label, value) => el('div', { class: name }, el('dt', {}, label), el('dd', {}, value));
  const time = (text) => (text ? exactTime(Date.parse(text), zone) : '–');
  const number = (value) => figure(value, count(value));
  return el(
    'section',
    { class: 'card recording', id: 'recording' },
    el('header', {}, el('h2', {}, 'Recording'), el('p', { class: 'hint' }, 'on the server that answered')),
    el(
      'dl',
      { class: 'facts' },
      fact(
        'store',
        'Store',
        status.circuit === 'closed' ? 'takes records' : `down since ${time(status.store_down_since)}`,
      ),
      fact('waiting', 'Waiting records', number(status.waiting)),
      fact('oldest', 'Oldest of them', time(status.oldest)),
      fact('rejected', 'Refused', number(status.rejected)),
      fact('dropped', 'Lost', number(status.dropped)),
      fact('without_scope', 'Without a scope', number(status.without_scope)),
      fact('damaged', 'Found damaged', number(status.damaged)),
      fact('mode', 'Mode', status.mode),
      fact('partitions', 'Table of calls', partitions(status.partitions)),
      fact('kept_from', 'Calls are kept from', time(status.retention?.kept_from)),
      fact('dropped_calls', 'Calls dropped by retention', number(status.retention?.dropped_calls ?? 0)),
      fact('too_old', 'Came too late', number(status.retention?.too_old ?? 0)),
      fact('rollups', 'Rollups', rollups(status.rollups)),
    ),
    everywhere(status, time, number),
  );
}

/** How far the partitioning of the table of calls is. */
function partitions(of) {
  switch (of?.state) {
    case 'partitioned':
      return 'partitioned by months';
    case 'by-dba':
      return 'partitioned by a DBA';
    case 'converting':
      return `being partitioned: ${count(of.done)} of ${count(of.total)} steps`;
    case 'one-table':
      return 'one table';
    default:
      return '–';
  }
}

/** How far the figures of closed intervals are. */
function rollups(of) {
  if (of === null || of === undefined) {
    return '–';
  }
  const behind = of.behind_seconds === 0 ? 'up to date' : `${count(of.behind_seconds)} s behind`;
  return of.dirty === 0 ? behind : `${behind}, ${count(of.dirty)} changed intervals`;
}

/** The list of all applications on all nodes. */
function everywhere(status, time, number) {
  const title = 'Applications and nodes';
  const heads = [
    ['Application', 'name'],
    ['Node', 'text'],
    ['State', 'text'],
    ['Last heartbeat'],
    ['Store', 'text'],
    ['Mode', 'text'],
    ['Waiting'],
    ['Oldest of them'],
    ['Refused'],
    ['Lost'],
    ['Without a scope'],
  ];
  const missing = status.nodes.filter((node) => node.state === 'missing').length;
  return el(
    'section',
    { id: 'nodes' },
    el('h3', {}, title),
    el(
      'p',
      { class: 'hint' },
      status.store === 'down'
        ? 'The store is out of reach, so nothing is known of other nodes.'
        : `${count(status.nodes.length - missing)} alive, ${count(missing)} missing`,
    ),
    el(
      'div',
      { class: 'scroll', role: 'region', 'aria-label': title, tabindex: 0 },
      el(
        'table',
        { class: 'figures' },
        el('caption', {}, title),
        el(
          'thead',
          {},
          el(
            'tr',
            {},
            heads.map(([text, name]) => el('th', { scope: 'col', class: name }, text)),
          ),
        ),
        el(
          'tbody',
          {},
          status.nodes.map((node) =>
            el(
              'tr',
              {},
              el('th', { scope: 'row', class: 'name' }, node.application),
              el('td', { class: 'text' }, node.node),
              el(
                'td',
                { class: 'text' },
                node.state === 'missing'
                  ? el('strong', { class: 'badge bad' }, `missing since ${time(node.last_seen)}`)
                  : node.state,
              ),
              el('td', {}, time(node.last_seen)),
              el('td', { class: 'text' }, node.circuit === 'closed' ? 'takes records' : 'down'),
              el('td', { class: 'text' }, node.mode),
              el('td', {}, number(node.waiting)),
              el('td', {}, time(node.oldest)),
              el('td', {}, number(node.rejected)),
              el('td', {}, number(node.dropped)),
              el('td', {}, number(node.without_scope)),
            ),
          ),
        ),
      ),
    ),
  );
}
