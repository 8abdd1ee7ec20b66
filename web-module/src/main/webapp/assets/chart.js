// A stacked bar for each bucket of a series. One tab stop; the arrow keys go from bar to bar.

import { sum } from './amount.js';
import { el, figure, svg } from './dom.js';
import { axisName, bucketName, compact, count, exactMoney, money, percent } from './format.js';
import { METRICS } from './view.js';
import { shownName } from './table.js';

const COLOURS = 6;
const HEIGHT = 280;
const TOP = 12;
const BOTTOM = 28;
const LEAST_LABEL_WIDTH = 64;

const OF = {
  spend: (figures) => figures.total_cost_usd,
  calls: (figures) => figures.total_calls,
  failed: (figures) => figures.failed_calls,
  tokens: (figures) => figures.input_tokens + figures.output_tokens,
};

/**
 * The chart with its legend and its table.
 *
 * @param {object} what
 * @param {object} what.series as the API answers, with groups
 * @param {object[]} what.before the buckets of the window before; may be empty
 * @param {string} what.metric the figure that the bars show
 * @param {string} what.member the field that has a group's name
 * @param {function(object)} what.chosen gets the bucket that the reader has chosen
 */
export function chart(what) {
  const layers = layersOf(what);
  const bars = barsOf(what, layers);
  const values = bars.flatMap((bar) => [bar.total, bar.before ?? 0]);
  const dollars = money(bars.flatMap((bar) => [bar.total, ...bar.parts.map((part) => part.value)]));
  const say = what.metric === 'spend' ? dollars : count;
  const tooltip = el('div', { class: 'tooltip', 'aria-hidden': 'true', hidden: true });
  const plot = el('div', { class: 'plot' });
  const place = el('div', { class: 'chart' }, plot, tooltip);
  let focused = bars.length - 1;

  const draw = (width) => {
    const hadFocus = plot.contains(document.activeElement);
    plot.replaceChildren(picture(width));
    if (hadFocus) {
      plot.querySelector('[tabindex="0"]').focus();
    }
  };

  function picture(width) {
    const scale = niceScale(Math.max(...values, 0));
    const tick = what.metric === 'spend' ? money(scale.ticks) : compact;
    const left = 12 + 7.2 * Math.max(...scale.ticks.map((value) => tick(value).length));
    const y = (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / scale.top);
    const step = (width - left) / bars.length;
    const bar = Math.max(1, Math.min(step - Math.min(6, step * 0.25), 64));
    const each = Math.ceil(LEAST_LABEL_WIDTH / step);
    return svg(
      'svg',
      {
        width,
        height: HEIGHT,
        role: 'group',
        'aria-label': `${METRICS[what.metric]} over time. Arrow keys go from bar to bar.`,
      },
      scale.ticks.map((value) => [
        svg('line', { class: 'grid', x1: left, x2: width, y1: y(value), y2: y(value) }),
        svg('text', { class: 'tick', x: left - 8, y: y(value) + 4, 'text-anchor': 'end' }, tick(value)),
      ]),
      bars.map((data, index) => {
        const x = left + index * step + (step - bar) / 2;
        let below = 0;
        const segments = data.parts.map((part) => {
          const bottom = y(below);
          below += part.value;
          return svg('rect', {
            class: `fill-${part.colour}`,
            x,
            width: bar,
            y: y(below),
            height: Math.max(0, bottom - y(below)),
          });
        });
        const group = svg(
          'g',
          {
            class: 'bucket',
            role: 'button',
            tabindex: index === focused ? 0 : -1,
            'aria-label': spoken(data),
            click: () => what.chosen(data.bucket),
            keydown: (event) => key(event, index),
            focus: () => tell(data, x + bar / 2, y(data.total)),
            blur: hide,
            pointerenter: () => tell(data, x + bar / 2, y(data.total)),
            pointerleave: hide,
          },
          svg('rect', { class: 'hit', x: left + index * step, width: step, y: TOP, height: HEIGHT - TOP - BOTTOM }),
          segments,
          !data.before
            ? null
            : svg('line', { class: 'before', x1: x - 2, x2: x + bar + 2, y1: y(data.before), y2: y(data.before) }),
        );
        const isLabelled = index % each === 0 && left + (index + 0.5) * step + 18 < width;
        return [
          group,
          isLabelled
            ? svg(
                'text',
                { class: 'tick', x: left + (index + 0.5) * step, y: HEIGHT - 8, 'text-anchor': 'middle' },
                data.axis,
              )
            : null,
        ];
      }),
    );
  }

  function key(event, index) {
    const to = { ArrowLeft: index - 1, ArrowRight: index + 1, Home: 0, End: bars.length - 1 }[event.key];
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      what.chosen(bars[index].bucket);
    } else if (event.key === 'Escape') {
      hide();
    } else if (to !== undefined) {
      event.preventDefault();
      const groups = plot.querySelectorAll('.bucket');
      focused = Math.max(0, Math.min(bars.length - 1, to));
      groups.forEach((group, at) => group.setAttribute('tabindex', at === focused ? 0 : -1));
      groups[focused].focus();
    }
  }

  function spoken(data) {
    const parts = data.parts.filter((part) => part.value > 0).map((part) => `${part.label} ${say(part.value)}`);
    const before = data.before === null ? '' : ` Before: ${say(data.before)}.`;
    return `${data.name}: ${say(data.total)}. ${parts.join(', ')}.${before}`;
  }

  function tell(data, x, top) {
    tooltip.replaceChildren(
      el('strong', {}, data.name),
      el(
        'table',
        {},
        el(
          'tbody',
          {},
          [...data.parts]
            .reverse()
            .filter((part) => part.value > 0)
            .map((part) =>
              el(
                'tr',
                {},
                el('td', {}, el('span', { class: `swatch fill-${part.colour}` }), part.label),
                el('td', {}, say(part.value)),
              ),
            ),
          el('tr', { class: 'sum' }, el('td', {}, 'All'), el('td', {}, say(data.total))),
          data.before === null ? null : el('tr', {}, el('td', {}, 'Before'), el('td', {}, say(data.before))),
        ),
      ),
    );
    tooltip.hidden = false;
    const room = place.clientWidth - tooltip.offsetWidth;
    const beside = x + 16 > room ? x - tooltip.offsetWidth - 16 : x + 16;
    tooltip.style.left = `${Math.max(0, Math.min(room, beside))}px`;
    tooltip.style.top = `${Math.max(0, Math.min(top, HEIGHT - tooltip.offsetHeight))}px`;
  }

  function hide() {
    tooltip.hidden = true;
  }

  new ResizeObserver(([entry]) => draw(Math.max(240, Math.floor(entry.contentRect.width)))).observe(plot);
  return el('div', {}, place, legend(layers, what, say), asTable(bars, layers, say, what));
}

/** The CSS class of each name's colour, for other parts of the page that show the same names. */
export function colours(series, member) {
  const layers = layersOf({ series, member, metric: 'spend' });
  return new Map(layers.flatMap((layer) => layer.names.map((name) => [name ?? '', `fill-${layer.colour}`])));
}

/**
 * The layers of the chart. Names get their colours by total cost, so that a colour stays when another figure is shown.
 */
function layersOf({ series, member, metric }) {
  const totals = new Map();
  for (const bucket of series.buckets) {
    for (const group of bucket.groups) {
      const total = totals.get(group[member]) ?? { costs: [], values: [] };
      total.costs.push(group.total_cost_usd);
      total.values.push(OF[metric](group));
      totals.set(group[member], total);
    }
  }
  const summed = [...totals].map(([name, { costs, values }]) => [name, { cost: sum(costs), value: sum(values) }]);
  const ordered = summed.sort(([a, x], [b, y]) => y.cost - x.cost || (a < b ? -1 : 1));
  const others = ordered.length > COLOURS + 1 ? ordered.splice(COLOURS) : [];
  const layers = ordered.map(([name, total], index) => ({
    names: [name],
    label: shownName(name, member),
    colour: index < COLOURS ? index : 'rest',
    value: total.value,
  }));
  if (others.length > 0) {
    layers.push({
      names: others.map(([name]) => name),
      label: `${others.length} others`,
      colour: 'rest',
      value: sum(others.map(([, total]) => total.value)),
    });
  }
  return layers;
}

function barsOf({ series, before, metric, member }, layers) {
  return series.buckets.map((bucket, index) => {
    const start = Date.parse(bucket.start);
    const byName = new Map(bucket.groups.map((group) => [group[member], OF[metric](group)]));
    return {
      bucket,
      name: bucketName(start, series.bucket, series.zone),
      axis: axisName(start, series.bucket, series.zone),
      total: OF[metric](bucket),
      before: before[index] ? OF[metric](before[index]) : null,
      parts: layers.map((layer) => ({
        ...layer,
        value: sum(layer.names.map((name) => byName.get(name) ?? 0)),
      })),
    };
  });
}

function legend(layers, { series, metric, before }, say) {
  const all = OF[metric](series.total);
  return el(
    'ul',
    { class: 'legend' },
    layers.map((layer) =>
      el(
        'li',
        {},
        el('span', { class: `swatch fill-${layer.colour}` }),
        el('span', { class: 'label' }, layer.label),
        ' ',
        el('span', { class: 'part' }, percent(layer.value, all)),
      ),
    ),
    before.length > 0 ? el('li', {}, el('span', { class: 'swatch before' }), 'previous period') : null,
  );
}

/** The bars as a table, for readers who cannot see the bars or want their numbers. It is made when it is opened. */
function asTable(bars, layers, say, { metric, series }) {
  const caption = `${METRICS[metric]} by ${series.bucket}`;
  const details = el('details', { class: 'as-table' }, el('summary', {}, 'Show as a table'));
  details.addEventListener(
    'toggle',
    () =>
      details.append(
        el(
          'div',
          { class: 'scroll', role: 'region', 'aria-label': caption, tabindex: 0 },
          el(
            'table',
            { class: 'figures' },
            el('caption', {}, caption),
            el(
              'thead',
              {},
              el(
                'tr',
                {},
                [series.bucket, ...layers.map((layer) => layer.label), 'All'].map((text) =>
                  el('th', { scope: 'col' }, text),
                ),
              ),
            ),
            el(
              'tbody',
              {},
              bars.map((bar) =>
                el(
                  'tr',
                  {},
                  el('th', { scope: 'row' }, bar.name),
                  [...bar.parts.map((part) => part.value), bar.total].map((value) =>
                    el('td', {}, figure(value, say(value), metric === 'spend' ? exactMoney(value) : null)),
                  ),
                ),
              ),
            ),
          ),
        ),
      ),
    { once: true },
  );
  return details;
}

/** Four or five round numbers up to the largest. */
function niceScale(largest) {
  if (largest === 0) {
    return { top: 1, ticks: [0] };
  }
  const rough = largest / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * [1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough);
  const steps = Math.ceil(largest / step - 1e-9);
  return { top: steps * step, ticks: Array.from({ length: steps + 1 }, (_, index) => index * step) };
}
