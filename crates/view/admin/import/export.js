/* The export in the formats of other systems: the page downloads our own export and converts it in the browser. */
import { create, find } from '../page.js';
import { counted, field, save, t, tool } from './elements.js';

const FORMATS = { wxr: 'wordpress.xml', disqus: 'disqus.xml' };

/** Numbers of the report that say what the file does not have. */
const LOSSES = [
  'left_out_deleted',
  'left_out_pending',
  'not_in_order_of_time',
  'lost_badges',
  'lost_pins',
  'lost_votes',
  'lost_edits',
  'lost_websites',
  'lost_lines',
];

/** Adds the form to the section of exports. `tools` starts the Web Worker. */
export const startExport = (tools) => {
  const place = find('#export-tool');
  if (!place) return;
  const format = create('select', {}, ...Object.keys(FORMATS).map((name) => create('option', { value: name }, t(`export.${name}`))));
  const start = create('button', {}, t('export.convert'));
  const result = create('div', { role: 'status' });
  const form = create('form', { className: 'stack' }, field('export.format', format), create('p', { className: 'send' }, start), result);
  form.onsubmit = async (event) => {
    event.preventDefault();
    start.disabled = true;
    result.replaceChildren(create('p', {}, t('export.working')));
    try {
      const { file, report } = await tools()('convert', await download(), format.value);
      save(FORMATS[format.value], 'application/xml', [file]);
      const losses = LOSSES.filter((name) => report[name]).map((name) => create('li', {}, counted(`export.${name}`, report[name])));
      result.replaceChildren(create('p', {}, counted('export.done', report.comments)), losses.length ? create('ul', {}, ...losses) : '');
    } catch (error) {
      result.replaceChildren(create('p', { className: 'error' }, error.message || t('export.failed')));
    } finally {
      start.disabled = false;
    }
  };
  place.append(form);
  place.hidden = false;
};

const download = async () => {
  const response = await fetch(`/admin/api/export?${new URLSearchParams(tool.dataset.site && { site: tool.dataset.site })}`);
  if (!response.ok) throw new Error(t(response.status == 401 ? 'upload.expired' : 'export.failed'));
  return response.blob();
};
