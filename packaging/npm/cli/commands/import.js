// `afterword import`: brings the comments of another system to a blog.

import { readFileSync, existsSync } from 'node:fs';
import { CallError, connect } from '../admin-client.js';
import { EXIT, Failure, usageError } from '../failure.js';
import { ImportHost, findFiles } from '../import-host.js';
import { message } from '../messages.js';
import { writePrivately } from '../private-file.js';
import { textReport } from '../report-text.js';
import { loadTools } from '../tools.js';
import { Upload } from '../upload.js';
import { WORKER_VARIABLE, SECRET_VARIABLE } from '../worker.js';
import restore from './restore.js';

/** Imports files. They are read once; nothing is sent before the report is made. */
export default async function importFiles(context) {
  const { options, names, terminal } = context;
  const files = findFiles(names.files);
  const tools = await loadTools();
  const onProgress = (bytes, total, comments) =>
    terminal.progress(message('import.reading', { percent: total > 0 ? Math.floor((100 * bytes) / total) : 0, comments }));
  const host = new ImportHost(files, onProgress);
  try {
    const [format, label] = explained(() => tools.recognizeFiles(host, host.list));
    if (format === 'afterword') return await restore({ ...context, names: { file: oneFile(files) } });
    if (options.site === undefined) throw usageError('import.no_site');
    terminal.note(message('import.format', { label }));
    // Before a long reading, so that a missing secret is known at once.
    const client = !options['dry-run'] || hasWorker(context) ? await connect(context) : undefined;
    const reading = explained(() => new tools.Import(host, host.list, format, zoneMinutes(options.zone)));
    return await planAndSend(context, client, tools, reading, label);
  } finally {
    host.close();
  }
}

function oneFile(files) {
  if (files.length !== 1) throw new Failure('import.one_export');
  return files[0].path;
}

async function planAndSend(context, client, tools, reading, label) {
  const { options, terminal } = context;
  const survey = JSON.parse(reading.survey());
  checkQuestions(survey, options);
  const report = JSON.parse(explained(() => reading.makePlan(JSON.stringify(planOptions(options)), readFeeds(options.feed ?? []))));
  await keepTable(context, reading, report);
  let outcome;
  if (client !== undefined) {
    if (!(await isConfirmed(context, report, label))) return EXIT.failed;
    outcome = await send(context, client, tools, reading);
  }
  const text = textReport(report, label, outcome);
  if (options.report !== undefined) await writeReport(options.report, text, report, outcome);
  terminal.print(text.trimEnd());
  if (outcome === undefined) terminal.print(message('import.not_compared'));
  terminal.print(message(options['dry-run'] ? 'import.dry_run' : 'import.done', { site: options.site }));
  return EXIT.ok;
}

/** A dry run without a Worker says what the file has; with one, it also says what is there already. */
function hasWorker({ options, env }) {
  const hasSecret = options['secret-file'] !== undefined || env[SECRET_VARIABLE];
  return Boolean((options.worker ?? env[WORKER_VARIABLE]) && hasSecret);
}

/** Questions that the owner has to answer before anything is planned. */
function checkQuestions(survey, options) {
  if (survey.partitions.length > 1 && options.partition === undefined) {
    const list = survey.partitions.map(({ name, comments }) => `  ${name} (${comments})`).join('\n');
    throw usageError('import.partitions', { list });
  }
}

function planOptions(options) {
  const table = options.map !== undefined && existsSync(options.map) ? readText(options.map) : '';
  return {
    site: options.site,
    aliases: options.alias ?? [],
    left_out_hosts: options['leave-out'] ?? [],
    clean_urls: Boolean(options['clean-urls']),
    partition: options.partition ?? null,
    include_spam: Boolean(options.spam),
    include_pingbacks: Boolean(options.pingbacks),
    owner: { emails: options['owner-email'] ?? [], names: options['owner-name'] ?? [], trust_source: Boolean(options['trust-owner']) },
    address_table: table,
    slug_rule: options['slug-rule'] ?? null,
    latest: Math.floor(Date.now() / 1000),
    source_site: options['old-site'] ?? '',
  };
}

/** `+01:00` or `-9:30` in minutes. */
export function zoneMinutes(text) {
  if (text === undefined) return undefined;
  const [, sign, hours, minutes = '0'] = /^([+-])(\d{1,2}):?(\d{2})?$/.exec(text) ?? [];
  const value = Number(hours) * 60 + Number(minutes);
  if (sign === undefined || Number(minutes) > 59 || value > 14 * 60) throw usageError('import.bad_zone', { zone: text });
  return sign === '-' ? -value : value;
}

function readFeeds(files) {
  return files.map((file) => new Uint8Array(readBytes(file)));
}

function readBytes(file) {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Failure('file.unreadable', { file, reason: error.message });
  }
}

function readText(file) {
  return readBytes(file).toString('utf8');
}

/** Writes the table of addresses where the owner wants it. One that is there is the owner's, and stays. */
async function keepTable({ options, terminal }, reading, report) {
  if (options.map === undefined) {
    if (report.without_address_count > 0) terminal.note(message('import.unplaced', { count: report.without_address_count }));
    return;
  }
  if (existsSync(options.map)) return;
  await writePrivately(options.map, (write) => write(reading.addressTable()));
  terminal.note(message('import.table', { file: options.map }));
}

/** Asks before anything is sent, on a terminal. */
async function isConfirmed({ options, terminal }, report, label) {
  if (options['dry-run'] || options.yes || !terminal.isInteractive) return true;
  terminal.print(textReport(report, label).trimEnd());
  const answer = await terminal.ask(message('import.confirm', { count: report.to_import, site: options.site }));
  return /^y(es)?$/i.test(answer);
}

async function send(context, client, tools, reading) {
  const { options } = context;
  const dryRun = Boolean(options['dry-run']);
  const lines = reading.commentLines;
  const upload = new Upload(context, client, tools, { site: options.site, dryRun, total: undefined });
  try {
    await upload.sendAll(() => reading.nextChunk());
  } catch (error) {
    throw error instanceof CallError ? new Failure('call.failed', { address: client.address, reason: error.message }) : error;
  }
  const added = upload.count('comments');
  return { new: added, known: Math.max(0, lines - added), threads: upload.count('threads') };
}

async function writeReport(file, text, report, outcome) {
  const content = file.endsWith('.json') ? `${JSON.stringify({ ...report, outcome }, undefined, 2)}\n` : text;
  await writePrivately(file, (write) => write(content));
}

/** Runs a step of the owner's tools, whose errors are texts for the owner. */
function explained(step) {
  try {
    return step();
  } catch (error) {
    if (error instanceof Failure || error instanceof WebAssembly.RuntimeError) throw error;
    throw new Failure('import.failed', { reason: error.message });
  }
}
