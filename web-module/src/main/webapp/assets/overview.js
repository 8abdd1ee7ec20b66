// The overview: who spends how much, and what has changed.

import { difference } from './amount.js';
import { chart, colours } from './chart.js';
import { el, figure } from './dom.js';
import { chips } from './filters.js';
import { change, compact, count, exactMoney, money, percent, span } from './format.js';
import { keptFrom, latestKeptFrom, nothing } from './states.js';
import { doubts, emptyRow, figuresTable, notExact, row, shownName, tile } from './table.js';
import { dateText, parameters, toLocal, windowOf } from './time.js';
import { GROUPS, METRICS, MORE, dimensionLabel, filtersOf } from './view.js';

const FEW_MONTHS = 3;
const HINTS = { alone: 'A name leads to that one alone.', calls: 'A name leads to its single calls.' };

/** The name of the field that has the value of a series' group. */
const memberOf = (dimension) =>
  dimension === 'tenant' ? 'tenant_id' : dimension.startsWith('tag.') ? 'tag' : dimension;

/** The reports for the tables and tiles, by their dimension. The first one is also that of the tiles. */
async function reportsOf(app, period, signal) {
  const { api, state, isAdmin } = app;
  const start = isAdmin ? 'usage/all/' : 'usage/';
  const asked = { ...parameters(period), ...filtersOf(state), tenant: isAdmin ? state.tenant : null };
  const kinds = kindsOf(app);
  const reports = await Promise.all(kinds.map((dimension) => api.get(`${start}by`, { ...asked, dimension }, signal)));
  return Object.fromEntries(kinds.map((kind, index) => [kind, reports[index]]));
}

/**
 * The rows of a table and their total, compared with the window before. If one of the two reports lacks dropped calls,
 * there is no comparison: it would show what was dropped as a change.
 *
 * @param {object} now the report of the window
 * @param {?object} before the report of the window before, or null if there is no such window
 */
function figures(now, before) {
  const dropped = [now, before].filter((report) => latestKeptFrom([report]) !== null);
  const rowsOf = (report) => report.groups.map((each) => row(each.value, each));
  const earlier = dropped.length === 0 ? before : null;
  return {
    dropped,
    rows: earlier ? compared(rowsOf(now), rowsOf(earlier)) : rowsOf(now).map((each) => ({ ...each, before: null })),
    total: { ...row('All', now.total), before: earlier ? row('All', earlier.total) : null },
  };
}

/** The dimensions of this view's tables, as far as the key may see them. */
function kindsOf(app) {
  const { state } = app;
  return [
    ...(app.isAdmin && state.tenant === undefined ? ['tenant'] : []),
    'operation',
    'requested_model',
    ...(state.by === undefined ? [] : [state.by]),
  ];
}

/** All names of both windows, each with its figures in the earlier window. */
function compared(now, before) {
  const earlier = new Map(before.map((each) => [each.name, each]));
  const here = new Set(now.map((each) => each.name));
  return [
    ...now.map((each) => ({ ...each, before: earlier.get(each.name) ?? emptyRow(each.name) })),
    ...before.filter((each) => !here.has(each.name)).map((each) => ({ ...emptyRow(each.name), before: each })),
  ];
}

async function seriesOf(app, period, group, signal) {
  const { api, state, isAdmin } = app;
  const path = isAdmin ? 'usage/all/series' : 'usage/series';
  const ask = (bucket, within, by) =>
    api.get(
      path,
      { ...within, bucket, zone: state.zone, group: by, ...filtersOf(state), tenant: isAdmin ? state.tenant : null },
      signal,
    );
  if (period.bucket !== '') {
    const now = await ask(period.bucket, parameters(period), group);
    const before = period.before ? await ask(period.bucket, parameters(period.before), null) : null;
    const isDropped = latestKeptFrom([now, before]) !== null;
    return { series: now, before: isDropped ? [] : (before?.buckets ?? []), answers: [now, before] };
  }
  const open = openEnds(period, app.now);
  const all = upToLastCall(await ask('month', parameters(open), group));
  const ends = closedEnds(period, open, all.buckets);
  const isSame = ends.from === open.from && ends.to === open.to;
  const within = parameters(ends);
  const months = isSame ? all : upToLastCall(await ask('month', within, group));
  const isShort = months.buckets.length > 0 && months.buckets.length <= FEW_MONTHS;
  const series = isShort ? upToLastCall(await ask('day', within, group)) : months;
  return { series, before: [], answers: [series] };
}

/**
 * The window without an end that lies before all calls or after them. At an open end a series begins with the first
 * call or ends with the last, so it has not more months than the API allows.
 */
const openEnds = ({ from, to }, now) => ({ from: from < 0 ? null : from, to: to > now ? null : to });

/** The open ends, but with the window's own end where there are calls beyond it. */
function closedEnds(period, open, buckets) {
  const first = Date.parse(buckets.at(0)?.start);
  const last = Date.parse(buckets.at(-1)?.end);
  return {
    from: period.from !== null && first < period.from ? period.from : open.from,
    to: period.to !== null && last > period.to ? period.to : open.to,
  };
}

/** The window "all time" ends with the last call, even if the request has an upper limit. */
function upToLastCall(series) {
  const last = series.buckets.findLastIndex((bucket) => bucket.total_calls > 0);
  return { ...series, buckets: series.buckets.slice(0, last + 1) };
}

/** The dimension that splits the chart, among those that this key and this view can have. */
function groupOf(app) {
  const possible = kindsOf(app);
  // In older links, model means the requested model.
  const wanted = [app.state.group, app.state.group === 'model' ? 'requested_model' : null];
  return wanted.find((group) => possible.includes(group)) ?? possible[0];
}

export async function overview(app, signal) {
  const { state } = app;
  const period = windowOf(state, app.now);
  const group = groupOf(app);
  const [now, before, time] = await Promise.all([
    reportsOf(app, period, signal),
    period.before ? reportsOf(app, period.before, signal) : null,
    seriesOf(app, period, group, signal),
  ]);
  const kinds = kindsOf(app);
  const tables = Object.fromEntries(kinds.map((kind) => [kind, figures(now[kind], before?.[kind] ?? null)]));
  const { total, rows, dropped } = tables[kinds[0]];
  // What is said once for the whole page is not said again for its parts.
  const note = (answers) => (dropped.length > 0 ? null : keptFrom(answers, state.zone));
  const heading = el(
    'header',
    { class: 'heading' },
    el(
      'div',
      {},
      el('h1', { tabindex: -1 }, state.tenant === undefined || !app.isAdmin ? 'Overview' : state.tenant),
      el(
        'p',
        { class: 'window' },
        span(period, state.zone),
        total.before ? ` · against ${span(period.before, state.zone)}` : '',
      ),
    ),
    el(
      'div',
      { class: 'actions' },
      state.session
        ? el('a', { class: 'button', href: app.link({ view: 'session' }) }, 'Timeline of the session')
        : null,
      state.tenant !== undefined && app.isAdmin
        ? el('a', { class: 'button', href: app.link({ tenant: undefined, group: undefined }) }, 'All tenants')
        : null,
      el('a', { class: 'button', href: app.link({ view: 'calls', status: undefined }) }, 'Single calls'),
      app.csvButton(filtersOf(state)),
    ),
  );
  const filters = el('div', { class: 'filters' }, chips(app, 'tenant'));
  if (total.calls === 0 && (total.before?.calls ?? 0) === 0) {
    return [
      heading,
      filters,
      keptFrom(dropped, state.zone),
      nothing(
        app,
        'Choose a longer window above, or make a first call: an offline model answers where no provider is configured.',
        el('a', { class: 'button', href: app.link({ view: 'try' }) }, 'Make a call'),
      ),
    ];
  }
  return [
    heading,
    filters,
    keptFrom(dropped, state.zone),
    summary(total, rows),
    tiles(total),
    overTime(app, time, group, note(time.answers)),
    ...kinds.map((kind) =>
      section(
        app,
        kind,
        tables[kind],
        kind === group ? colours(time.series, memberOf(group)) : new Map(),
        note(tables[kind].dropped),
      ),
    ),
    chooser(app),
  ];
}

/** The choice of a dimension for one more table. */
function chooser(app) {
  const { state } = app;
  const isTag = state.by !== undefined && !Object.hasOwn(MORE, state.by);
  const choice = el(
    'select',
    { id: 'by', change: (event) => app.go({ by: event.target.value || undefined, group: undefined }) },
    el('option', { value: '' }, 'Nothing else'),
    Object.entries(MORE).map(([value, text]) => el('option', { value, selected: value === state.by }, text)),
    isTag ? el('option', { value: state.by, selected: true }, dimensionLabel(state.by)) : null,
  );
  const tag = el('input', {
    id: 'by-tag',
    type: 'text',
    size: 12,
    autocomplete: 'off',
    spellcheck: 'false',
    pattern: '[A-Za-z0-9][A-Za-z0-9._\\-]*',
    maxlength: 64,
    value: isTag ? state.by.slice('tag.'.length) : '',
    change: (event) => {
      if (event.target.value !== '' && event.target.reportValidity()) {
        app.go({ by: `tag.${event.target.value}`, group: undefined });
      }
    },
  });
  return el(
    'div',
    { class: 'filters' },
    el('label', { for: 'by' }, 'Also by'),
    choice,
    el('label', { for: 'by-tag' }, 'or by the tag'),
    tag,
  );
}

/** One sentence about what has happened, for readers who do not look at the tables. */
function summary(total, rows) {
  const dollars = money([total.cost, total.before?.cost ?? 0, ...rows.map((each) => each.cost)]);
  const isExact = doubts(total) === '';
  const wasExact = !total.before || doubts(total.before) === '';
  if (total.cost === 0 && !total.before?.cost) {
    return el(
      'p',
      { class: 'summary' },
      isExact ? 'Nothing was spent.' : `What was spent is not known: ${doubts(total)}.`,
    );
  }
  if (!total.before?.cost) {
    const [first] = [...rows].sort((a, b) => b.cost - a.cost);
    const before = wasExact ? 'nothing in the window before' : 'what was spent in the window before is not known';
    return el(
      'p',
      { class: 'summary' },
      el('strong', {}, `${dollars(total.cost)} ${isExact ? 'in all' : 'of known spend'}`),
      ', the most of it by ',
      el('strong', {}, shownName(first.name)),
      ` (${percent(first.cost, total.cost)})${total.before ? `; ${before}` : ''}.`,
    );
  }
  const spend = isExact && wasExact ? 'Spend' : 'Known spend';
  const moved = change(total.cost, total.before.cost);
  if (moved.direction === 0) {
    return el('p', { class: 'summary' }, `${spend} is what it was before.`);
  }
  const moves = rows
    .map((each) => ({ name: each.name, by: difference(each.cost, each.before.cost) }))
    .sort((a, b) => Math.abs(b.by) - Math.abs(a.by));
  const movers = moves.filter(({ by }) => Math.sign(by) === moved.direction).slice(0, 2);
  const against = moves.find(({ by }) => Math.sign(by) === -moved.direction);
  const named = ({ name, by }) => [
    el('strong', {}, shownName(name)),
    ' ',
    el('span', { class: 'amount' }, `(${by > 0 ? '+' : '−'}${dollars(Math.abs(by))})`),
  ];
  return el(
    'p',
    { class: 'summary' },
    `${spend} ${moved.direction > 0 ? 'rose' : 'fell'} by `,
    el('strong', {}, dollars(Math.abs(difference(total.cost, total.before.cost)))),
    ` (${moved.text}), mostly through `,
    movers.flatMap((mover, index) => [index > 0 ? ' and ' : '', named(mover)]),
    against ? [', while ', named(against), moved.direction > 0 ? ' fell' : ' rose'] : null,
    '.',
  );
}

function tiles(total) {
  const before = total.before;
  return el(
    'dl',
    { class: 'tiles' },
    comparedTile(total, {
      kind: 'spend',
      label: 'Spend',
      of: (each) => each.cost,
      say: money([total.cost, before?.cost ?? 0]),
      exact: exactMoney,
      below: notExact(total) ?? 'US dollars, all calls',
    }),
    comparedTile(total, {
      kind: 'calls',
      label: 'Calls',
      of: (each) => each.calls,
      below: [
        'in ',
        el('span', { class: 'invocations' }, figure(total.invocations, count(total.invocations))),
        ' invocations',
      ],
    }),
    comparedTile(total, {
      kind: 'failed',
      label: 'Failed calls',
      of: (each) => each.failed,
      bad: (each) => (each.calls === 0 ? 0 : each.failed / each.calls),
      below:
        total.calls === 0
          ? 'no calls'
          : [
              el('span', { class: 'failure-rate' }, percent(total.failed, total.calls)),
              ' of all',
              before && before.calls > 0 ? `, ${percent(before.failed, before.calls)} before` : '',
            ],
    }),
    comparedTile(total, {
      kind: 'tokens',
      label: 'Tokens',
      of: (each) => each.input + each.output,
      say: compact,
      exact: count,
      below: [
        el('span', { class: 'input' }, figure(total.input, compact(total.input), count(total.input))),
        ' in, ',
        el('span', { class: 'output' }, figure(total.output, compact(total.output), count(total.output))),
        ' out',
      ],
    }),
    comparedTile(total, {
      kind: total.unpriced > 0 ? 'unpriced warns' : 'unpriced',
      label: 'Unpriced calls',
      of: (each) => each.unpriced,
      bad: (each) => each.unpriced,
      below: total.unpriced > 0 ? 'Nobody knows what they cost' : 'Every answered call has its price',
    }),
  );
}

/**
 * A tile that also says how its figure has moved since the window before.
 *
 * @param {object} total the row of the total
 * @param {object} what
 * @param {string} what.kind its CSS classes
 * @param {string} what.label
 * @param {function(object): number} what.of the figure of a row
 * @param {function(number): string} what.say the figure as text
 * @param {function(number): ?string} what.exact the figure as exact text, if the other text is rounded
 * @param {function(object): number} what.bad a number of a row that should be small; more is not bad if it is missing
 * @param {string|Node[]} what.below what stands below the figure
 */
function comparedTile(total, { kind, label, of, say = count, exact = () => null, bad = () => 0, below }) {
  const shown = (row) => figure(of(row), say(of(row)), exact(of(row)));
  const { before } = total;
  if (!before) {
    return tile(kind, label, shown(total), below);
  }
  const moved = change(of(total), of(before));
  const worse = before.calls > 0 ? bad(total) - bad(before) : 0;
  return tile(
    kind,
    label,
    shown(total),
    below,
    el(
      'dd',
      { class: `moved${worse > 0 ? ' bad' : ''}${worse < 0 ? ' good' : ''}` },
      el('span', { class: 'arrow', 'aria-hidden': 'true' }, ['▼', '■', '▲'][moved.direction + 1]),
      ' ',
      moved.direction === 0
        ? 'unchanged'
        : [
            moved.text,
            el('span', { class: 'from' }, moved.text === 'new' ? ', none before' : [' from ', shown(before)]),
          ],
    ),
  );
}

function overTime(app, { series, before }, group, note) {
  const { state } = app;
  const pick = (name, label, options, current) =>
    el(
      'fieldset',
      { class: 'pick' },
      el('legend', {}, label),
      Object.entries(options).map(([value, text]) =>
        el(
          'label',
          {},
          el('input', {
            type: 'radio',
            name,
            value,
            checked: value === current,
            change: () => app.go({ [name]: value }),
          }),
          el('span', {}, text),
        ),
      ),
    );
  const groups = Object.fromEntries(kindsOf(app).map((kind) => [kind, dimensionLabel(kind)]));
  return el(
    'section',
    { class: 'card', 'aria-labelledby': 'over-time' },
    el(
      'header',
      {},
      el('h2', { id: 'over-time' }, `${METRICS[state.metric]} over time`),
      pick('metric', 'Figure', METRICS, state.metric),
      pick('group', 'Stacked by', groups, group),
    ),
    note,
    chart({
      series,
      before,
      metric: state.metric,
      member: memberOf(group),
      chosen: (bucket) => closer(app, series, bucket),
    }),
  );
}

/** Zooms in: to the days of a month, the hours of a day or the calls of an hour. */
function closer(app, series, bucket) {
  const [from, to] = [bucket.start, bucket.end].map((text) => Date.parse(text));
  if (series.bucket === 'hour') {
    app.go({ view: 'calls', window: 'custom', from: bucket.start, to: bucket.end });
  } else {
    app.go({ window: 'custom', ...days(from, to, series.zone) });
  }
}

function days(from, to, zone) {
  return { from: dateText(toLocal(from, zone)), to: dateText(toLocal(to, zone)) };
}

/** The id of a table. The table by requested model keeps the id that it always had. */
const idOf = (kind) =>
  `by-${{ requested_model: 'model', model: 'answering-model' }[kind] ?? kind.replaceAll('.', '-')}`;

function section(app, kind, { rows, total }, colouring, note) {
  const { state } = app;
  const isMore = !Object.hasOwn(GROUPS, kind);
  const target = (each) => {
    if (kind === 'tenant') {
      return { tenant: each.name, group: undefined };
    }
    const value = each.name ?? '';
    return isMore
      ? { [kind]: value }
      : { view: 'calls', tenant: app.isAdmin ? state.tenant : undefined, status: undefined, [kind]: value };
  };
  const name = (each) => [el('a', { href: app.link(target(each)) }, shownName(each.name, kind))];
  const key = `sort-${kind}`;
  return el(
    'section',
    { class: 'card', id: idOf(kind) },
    el(
      'header',
      {},
      el('h2', {}, `By ${dimensionLabel(kind).toLowerCase()}`),
      el('p', { class: 'hint' }, HINTS[kind === 'tenant' || isMore ? 'alone' : 'calls']),
    ),
    note,
    figuresTable({
      caption: `Spend by ${dimensionLabel(kind).toLowerCase()}`,
      label: dimensionLabel(kind),
      rows,
      total,
      sort: state[key],
      sorted: (sort) => app.remember({ [key]: sort }),
      name,
      colours: colouring,
    }),
  );
}
