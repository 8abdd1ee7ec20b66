// Explains the cost of a call by today's price list and the usage in its row.

import { announce, el, figure } from './dom.js';
import { count, date, exactMoney, exactTime } from './format.js';

const PARTS = {
  cached_input_tokens: 'cache_read_tokens',
  cache_write_tokens: 'cache_write_tokens',
  reasoning_tokens: 'output_reasoning_tokens',
};
const SOURCES = {
  provider: 'named by the provider',
  'price-list': 'by the price list',
  partial: 'by the price list, in part',
  'maybe-billed': 'maybe billed',
  none: 'unpriced',
};
const DOUBTS = {
  input_unknown: 'The input count is not known.',
  output_unknown: 'The output count is not known.',
  total_alone: 'Only a total is known.',
  incomplete: 'Something that changes the bill is not among the counts.',
  contradictory: 'The counts were impossible and had to be corrected, so the call is never priced from them.',
};

/** With one of these doubts no price helps, since the usage is not known. */
const PRICELESS = ['input_unknown', 'total_alone', 'contradictory'];
const WITHOUT_OUTPUT = ['embedding', 'moderation', 'rerank'];

/** The columns of our own price file for meters that usually have a price of their own. */
const COLUMNS = {
  cache_read_tokens: 'cached_input',
  cache_write_tokens: 'cache_write',
  ...Object.fromEntries(
    [
      'cache_write_1h',
      'input_audio',
      'input_image',
      'input_video',
      'cache_audio_read',
      'cache_image_read',
      'output_audio',
      'output_image',
      'output_video',
      'output_citation',
    ].map((column) => [`${column}_tokens`, column]),
  ),
  web_searches: 'web_searches',
  requests: 'requests',
  search_units: 'search_units',
};
const UNITS = ['web_searches', 'requests', 'search_units'];

/** Whether nobody knows what the call cost, as the API counts it. A call that failed and used nothing costs nothing. */
export const isUnpriced = (call) =>
  isWithoutSource(call) && (call.status === 'ok' || call.input_tokens > 0 || call.output_tokens > 0);

const costsNothing = (call) => isWithoutSource(call) && !isUnpriced(call);

/** A source that the page does not know is read as none, as on the server. */
const isWithoutSource = (call) => !(call.cost_source in SOURCES) || call.cost_source === 'none';

/** Half of a row's last decimal. */
const ROUNDED = 0.5e-10;

/**
 * A section for each call, which asks for the price when it is opened. If there is only one call, its section is open.
 */
export function prices(app, all, signal) {
  return el(
    'section',
    { class: 'card prices' },
    el('header', {}, el('h2', {}, 'Why did this cost that?'), el('p', { class: 'hint' }, 'by the price list of today')),
    all.map((call) => priceOf(app, call, all.length === 1, signal)),
  );
}

function priceOf(app, call, open, signal) {
  const place = el('div', { class: 'price' });
  const details = el(
    'details',
    { 'data-price': call.id, open },
    el(
      'summary',
      {},
      `${exactTime(Date.parse(call.started_at), app.state.zone)}, ${call.model === '' ? 'unknown model' : call.model}: ${ofRow(call)}`,
    ),
    place,
  );
  let asked = false;
  async function ask() {
    if (asked) {
      return;
    }
    asked = true;
    if (costsNothing(call)) {
      place.replaceChildren(el('p', { class: 'verdict' }, 'The call failed and used nothing, so it costs nothing.'));
      return;
    }
    if (call.model.trim() === '') {
      place.replaceChildren(
        el('p', { class: 'verdict' }, `${inWords(call)} Which model answered is not known, so no list has a price.`),
      );
      return;
    }
    place.replaceChildren(el('p', {}, 'Asking for the price …'));
    try {
      const quote = await app.api.post('prices/quotes', question(call), signal);
      place.replaceChildren(...explained(app, call, quote));
      announce('The price is there.');
    } catch (problem) {
      if (problem.name !== 'AbortError') {
        asked = false;
        place.replaceChildren(el('p', { class: 'note', role: 'alert' }, `No price: ${problem.message}`));
      }
    }
  }
  details.addEventListener('toggle', () => details.open && ask());
  if (open) {
    ask();
  }
  return details;
}

const ofRow = (call) => {
  if (costsNothing(call)) {
    return 'failed, and used nothing';
  }
  const source = SOURCES[call.cost_source] ?? SOURCES.none;
  return source === SOURCES.none || call.cost_source === 'maybe-billed'
    ? source
    : `${exactMoney(call.cost_usd)}, ${source}`;
};

const inWords = (call) => {
  if (call.cost_source === 'maybe-billed') {
    return 'The row is marked as maybe billed.';
  }
  return isWithoutSource(call) ? 'The row is unpriced.' : `The row has ${ofRow(call)}.`;
};

const doubtsOf = (call) => call.usage_doubts.split(' ').filter((doubt) => doubt !== '');

/** All values of the row on which its price depends. */
function question(call) {
  return {
    provider: call.provider,
    model: call.model,
    kind: call.kind,
    at: call.started_at,
    service_tier: call.service_tier,
    tokens: used(call),
    usage_doubts: call.usage_doubts,
  };
}

function used(call) {
  const tokens = { input_tokens: call.input_tokens, output_tokens: call.output_tokens };
  for (const [field, meter] of Object.entries(PARTS)) {
    if (call[field] > 0) {
      tokens[meter] = call[field];
    }
  }
  return { ...tokens, ...call.meters };
}

function explained(app, call, quote) {
  const doubts = doubtsOf(call);
  return [
    el('p', { class: isOther(call, quote) ? 'verdict note' : 'verdict' }, verdict(call, quote)),
    quote.items.length > 0 ? items(quote) : null,
    quote.price === null ? null : origin(app, quote.price),
    call.service_tier === '' ? null : el('p', {}, `It was served in the tier ${call.service_tier}.`),
    doubts.length > 0
      ? el(
          'ul',
          { class: 'doubts' },
          doubts.map((doubt) => el('li', {}, DOUBTS[doubt] ?? doubt)),
        )
      : null,
    quote.notes.length > 0
      ? el(
          'ul',
          { class: 'notes' },
          quote.notes.map((note) => el('li', {}, note)),
        )
      : null,
    quote.cost_usd === null ? remedy(call, doubts, quote.priced_up_to) : null,
  ].filter((part) => part !== null);
}

/** Whether a repricing would change the row's cost or give it its first one. */
function isOther(call, quote) {
  return (
    call.cost_source !== 'provider' &&
    quote.cost_usd !== null &&
    (isWithoutSource(call) || call.cost_source === 'maybe-billed' || !isSame(call.cost_usd, quote.cost_usd))
  );
}

/** A row's cost is rounded to ten decimals. The second term is the error of the browser's numbers. */
const isSame = (row, quote) => Math.abs(row - quote) <= ROUNDED + Math.abs(row) * 1e-14;

function verdict(call, quote) {
  const row = inWords(call);
  if (quote.cost_usd === null) {
    return call.cost_source === 'maybe-billed'
      ? 'The call was given up, and the provider may have billed it. What it used is not known, so it has no price.'
      : `${row} Today's list has no price for the call${call.cost_usd > 0 ? ', and a repricing leaves the row as it is' : ''}.`;
  }
  const now = `${exactMoney(quote.cost_usd)}${quote.cost_source === 'partial' ? ', in part' : ''}`;
  if (call.cost_source === 'provider') {
    return `${row} By today's list it would cost ${now}. A cost that the provider named is never changed.`;
  }
  if (isOther(call, quote)) {
    return `Today's list gives another cost than the row has: ${now}. ${row} A repricing would change the row.`;
  }
  return call.cost_source === quote.cost_source
    ? `Today's list gives the cost that the row has: ${now}.`
    : `Today's list gives the cost that the row has, but how sure it is differs: ${SOURCES[quote.cost_source]}. ${row}`;
}

function items(quote) {
  const heads = ['Meter', 'Quantity', 'Price', 'Per', 'Cost'];
  const line = (item) =>
    el(
      'tr',
      {},
      el('th', { scope: 'row', class: 'meter' }, item.meter),
      el('td', { class: 'quantity' }, figure(item.quantity, count(item.quantity))),
      el('td', { class: 'price-usd' }, figure(item.price_usd, exactMoney(item.price_usd))),
      el('td', { class: 'per' }, figure(item.per, count(item.per))),
      el('td', { class: 'cost' }, figure(item.cost_usd, exactMoney(item.cost_usd))),
    );
  return el(
    'div',
    { class: 'scroll', role: 'region', 'aria-label': 'Items of the price', tabindex: 0 },
    el(
      'table',
      { class: 'figures items' },
      el('caption', {}, 'Items of the price'),
      el(
        'thead',
        {},
        el(
          'tr',
          {},
          heads.map((head) => el('th', { scope: 'col' }, head)),
        ),
      ),
      el('tbody', {}, quote.items.map(line)),
      el(
        'tfoot',
        {},
        el(
          'tr',
          {},
          el('th', { scope: 'row', colspan: 4 }, 'Together'),
          el('td', { class: 'cost' }, figure(quote.cost_usd, exactMoney(quote.cost_usd))),
        ),
      ),
    ),
  );
}

function origin(app, price) {
  return el(
    'p',
    { class: 'origin' },
    'The prices are those of ',
    price.provider === '' ? 'no named provider' : el('strong', {}, price.provider),
    ' for ',
    el('strong', {}, price.model),
    `, from ${price.list}, `,
    price.from === null
      ? 'which does not say since when they hold.'
      : ['and hold since ', el('time', { datetime: price.from }, date(Date.parse(price.from), 'UTC')), ' (UTC).'],
  );
}

/**
 * The lines of a price file that would price the call, or why none would.
 *
 * @param {object} call
 * @param {string[]} doubts
 * @param {?number} pricedUpTo the longest prompt that the list can price, if that of the call is longer
 */
function remedy(call, doubts, pricedUpTo) {
  const tokens = used(call);
  const isUsed = Object.values(tokens).some((quantity) => quantity > 0);
  if (!isUsed || call.model === '' || doubts.some((doubt) => PRICELESS.includes(doubt) || !(doubt in DOUBTS))) {
    return el(
      'p',
      { class: 'remedy' },
      'No line in a price list helps: which model answered, or what it used, is not known.',
    );
  }
  return el(
    'div',
    { class: 'remedy' },
    el(
      'p',
      {},
      pricedUpTo === null ? 'This line in the file that ' : 'These lines in the file that ',
      el('code', {}, 'tokentally.prices.file'),
      ' names would price it. ',
      pricedUpTo === null
        ? null
        : `They replace all prices that the list has for the model, so the first one is for prompts of up to ${count(pricedUpTo)} tokens, which have a price now. `,
      'Put the US dollars for a million tokens',
      Object.keys(tokens).some((meter) => UNITS.includes(meter)) ? ', or for a thousand searches or requests,' : '',
      ' where the question marks are, restart the server and run a repricing. The file is one of our own format; where yours is another, add the model there.',
    ),
    el('pre', { class: 'line' }, lines(call, tokens, pricedUpTo)),
  );
}

function lines(call, tokens, pricedUpTo) {
  const hasTokens = tokens.input_tokens > 0 || tokens.output_tokens > 0;
  const cells = {
    provider: call.provider,
    model: call.model,
    from: call.started_at.slice(0, 10),
    ...(pricedUpTo === null ? {} : { up_to_input: '' }),
    input: hasTokens ? '?' : '',
    output: hasTokens && !WITHOUT_OUTPUT.includes(call.kind) ? '?' : '',
  };
  for (const [meter, column] of Object.entries(COLUMNS)) {
    if (tokens[meter] > 0) {
      cells[column] = '?';
    }
  }
  // Other kinds share the entries of a list, and a price file may name only some of them.
  if (WITHOUT_OUTPUT.includes(call.kind)) {
    cells.kind = call.kind;
  }
  const ofAll = pricedUpTo === null ? [cells] : [{ ...cells, up_to_input: String(pricedUpTo) }, cells];
  return [Object.keys(cells), ...ofAll.map(Object.values)].map((each) => each.map(cell).join()).join('\n');
}

const cell = (text) => (/[",;#\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
