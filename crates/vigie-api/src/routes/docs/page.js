// Draws /api/v1/openapi.json as a page. Everything is built from text nodes: nothing of the document is taken for HTML.
'use strict';

const DEPTH_MAX = 6;

function make(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) element.setAttribute(key, value);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

function named(document_, schema) {
  const name = schema && schema.$ref && schema.$ref.split('/').pop();
  return name ? { name, schema: document_.components.schemas[name] } : { name: '', schema: schema || {} };
}

// Properties of a schema, those of its parts included.
function properties(document_, schema) {
  const all = Object.entries(schema.properties || {}).map(([name, value]) => ({
    name,
    value,
    optional: !(schema.required || []).includes(name),
  }));
  for (const part of schema.allOf || []) all.push(...properties(document_, named(document_, part).schema));
  return all;
}

// A schema without its "or null" and its list, and words for these.
function core(document_, schema) {
  const words = [];
  let inner = schema;
  for (;;) {
    const found = named(document_, inner);
    if (found.name) return { ...found, words };
    if (inner.oneOf && inner.oneOf.length === 2 && inner.oneOf.some((one) => one.type === 'null')) {
      words.push('or null');
      inner = inner.oneOf.find((one) => one.type !== 'null');
    } else if (inner.type === 'array') {
      words.push('list of');
      inner = inner.items;
    } else {
      return { name: '', schema: inner, words };
    }
  }
}

function typeOf(document_, schema) {
  const { name, schema: inner, words } = core(document_, schema);
  const types = [].concat(inner.type || (inner.allOf ? 'object' : 'any')).map((type) => (type === 'null' ? 'or null' : type));
  const values = inner.enum ? ': ' + inner.enum.join(', ') : '';
  return [words.includes('list of') ? 'list of' : '', name && !inner.enum ? name : types.join(' '), values, words.includes('or null') ? 'or null' : '']
    .filter(Boolean)
    .join(' ')
    .replace(' :', ':');
}

function tree(document_, schema, depth) {
  const { schema: inner } = core(document_, schema);
  const rows = properties(document_, inner);
  if (!rows.length) return null;
  return make(
    'ul',
    {},
    ...rows.map(({ name, value, optional }) => {
      const about = value.description || named(document_, value).schema.description || '';
      const line = [
        make('code', {}, name + (optional ? '?' : '')),
        ' ',
        make('span', { class: 'type' }, typeOf(document_, value)),
        about ? ' – ' + about : '',
      ];
      const below = depth < DEPTH_MAX ? tree(document_, value, depth + 1) : null;
      return make('li', {}, ...(below ? [make('details', {}, make('summary', {}, ...line), below)] : line));
    }),
  );
}

function parameters(document_, list) {
  if (!list || !list.length) return null;
  const rows = list.map((parameter) =>
    make(
      'tr',
      {},
      make('td', {}, make('code', {}, parameter.name)),
      make('td', { class: 'type' }, parameter.in),
      make('td', { class: 'type' }, typeOf(document_, parameter.schema)),
      make('td', {}, parameter.description || ''),
    ),
  );
  const head = make('tr', {}, ...['Parameter', 'In', 'Type', 'Meaning'].map((word) => make('th', { scope: 'col' }, word)));
  return make('table', {}, make('thead', {}, head), make('tbody', {}, ...rows));
}

function answers(document_, responses) {
  return Object.entries(responses).flatMap(([status, response]) =>
    Object.entries(response.content || {}).flatMap(([kind, { schema }]) => [
      make('h3', {}, (status === 'default' ? 'Any error' : status) + ' · ' + kind + ' · ' + typeOf(document_, schema)),
      tree(document_, schema, 1),
    ]),
  );
}

function route(document_, path, method, operation) {
  const link = !path.includes('{') && method === 'get' ? make('p', {}, make('a', { href: path }, 'Ask now')) : null;
  return make(
    'details',
    { class: 'route', id: operation.operationId, 'data-words': (path + ' ' + operation.summary).toLowerCase() },
    make(
      'summary',
      {},
      make('span', { class: 'method' }, method.toUpperCase()),
      make('code', {}, path),
      make('span', { class: 'words' }, operation.summary || ''),
    ),
    make('div', {}, link, parameters(document_, operation.parameters), ...answers(document_, operation.responses)),
  );
}

function draw(document_) {
  document.getElementById('about').textContent = document_.info.description;
  const main = document.getElementById('routes');
  for (const tag of document_.tags) {
    const routes = Object.entries(document_.paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, operation]) => (operation.tags || []).includes(tag.name))
        .map(([method, operation]) => route(document_, path, method, operation)),
    );
    main.append(make('section', {}, make('h2', {}, tag.name), make('p', {}, tag.description || ''), ...routes));
  }
  main.removeAttribute('aria-busy');
  document.getElementById('filter').addEventListener('input', (event) => {
    const wanted = event.target.value.trim().toLowerCase();
    for (const one of document.querySelectorAll('.route')) one.hidden = !one.dataset.words.includes(wanted);
  });
  const linked = document.getElementById(location.hash.slice(1));
  if (linked && linked.classList.contains('route')) linked.open = true;
}

fetch('/api/v1/openapi.json')
  .then((response) => (response.ok ? response.json() : Promise.reject(new Error('status ' + response.status))))
  .then(draw)
  .catch((error) => {
    document.getElementById('about').textContent = 'The description could not be read (' + error.message + '). Reload to try again.';
  });
