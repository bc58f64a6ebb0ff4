// Draws /api/v1/openapi.json: routes by tag, their parameters, and the shape of their answers.
'use strict';

const element = (name, text, className) => {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
};

const lookUp = (api, schema) => (schema?.$ref ? api.components.schemas[schema.$ref.split('/').pop()] : schema);

// The type of a schema in a few words; a named one is a link to its fields.
const typeOf = (schema) => {
  if (!schema) return 'any';
  if (schema.$ref) return schema.$ref.split('/').pop();
  if (schema.enum) return schema.enum.map((word) => JSON.stringify(word)).join(' | ');
  if (schema.oneOf || schema.anyOf) return (schema.oneOf ?? schema.anyOf).map(typeOf).join(' | ');
  if (schema.type === 'array') return `${typeOf(schema.items)}[]`;
  return [schema.type].flat().join(' | ');
};

const table = (head, rows) => {
  const box = element('div', undefined, 'scroll');
  const made = box.appendChild(element('table'));
  const first = made.appendChild(element('thead')).appendChild(element('tr'));
  head.forEach((title) => first.append(element('th', title)));
  const body = made.appendChild(element('tbody'));
  for (const cells of rows) {
    const row = body.appendChild(element('tr'));
    cells.forEach((cell, index) => {
      const place = row.appendChild(element('td'));
      place.append(index === 0 ? element('code', cell) : (cell ?? ''));
    });
  }
  return box;
};

const fields = (api, schema) => {
  const parts = schema?.allOf ? schema.allOf.map((part) => lookUp(api, part)) : [schema];
  return parts.flatMap((part) => Object.entries(part?.properties ?? {}));
};

const route = (api, path, method, operation) => {
  const made = element('details');
  const line = made.appendChild(element('summary'));
  line.append(element('span', method.toUpperCase(), 'method'), element('code', path), element('span', operation.summary ?? '', 'muted'));
  const inside = made.appendChild(element('div', undefined, 'inside'));
  if (operation.description) inside.append(element('p', operation.description));
  if (operation.parameters?.length) {
    inside.append(element('h3', 'Parameters'));
    inside.append(table(['Name', 'Type', 'Meaning'], operation.parameters.map((p) => [p.name, typeOf(p.schema), p.description])));
  }
  const content = Object.entries(operation.responses?.['200']?.content ?? {});
  for (const [kind, { schema }] of content) {
    inside.append(element('h3', `Answer: ${typeOf(schema)} (${kind})`));
    const rows = fields(api, lookUp(api, schema)).map(([name, field]) => [name, typeOf(field), field.description ?? lookUp(api, field)?.description]);
    if (rows.length) inside.append(table(['Field', 'Type', 'Meaning'], rows));
  }
  return made;
};

const draw = (api) => {
  document.getElementById('about').textContent = api.info.description;
  const place = document.getElementById('routes');
  const tags = new Map();
  for (const [path, methods] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const tag = operation.tags?.[0] ?? 'other';
      tags.set(tag, [...(tags.get(tag) ?? []), route(api, path, method, operation)]);
    }
  }
  for (const [tag, routes] of tags) place.append(element('h2', tag), ...routes);
  const types = Object.entries(api.components?.schemas ?? {});
  place.append(element('h2', 'types'));
  for (const [name, schema] of types) {
    const made = element('details');
    made.appendChild(element('summary')).append(element('code', name), element('span', schema.description ?? '', 'muted'));
    const inside = made.appendChild(element('div', undefined, 'inside'));
    const rows = fields(api, schema).map(([field, type]) => [field, typeOf(type), type.description]);
    inside.append(rows.length ? table(['Field', 'Type', 'Meaning'], rows) : element('code', typeOf(schema)));
    place.append(made);
  }
};

fetch('/api/v1/openapi.json')
  .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(`the server answered ${answer.status}`))))
  .then(draw)
  .catch((error) => {
    document.getElementById('about').textContent = `The document could not be read: ${error.message}. Reload to try again.`;
  });
