// `afterword remap`: moves comments to the new addresses of their posts.

import { readFile } from 'node:fs/promises';
import { connect } from '../admin-client.js';
import { Failure, usageError } from '../failure.js';
import { message } from '../messages.js';
import { loadTools } from '../tools.js';

/** Moves threads to the new addresses of their posts. Without `--apply` it changes nothing. */
export default async function remap(context) {
  const { options, terminal } = context;
  checkSelection(options);
  const tools = await loadTools();
  const client = await connect(context);
  const { site, requests } = await prepare(context, client, tools);
  const preview = await requestAll(context, client, site, requests, true);
  terminal.print(tools.describePreview(JSON.stringify(preview), Boolean(options.all)));
  if (!options.apply) {
    terminal.print(message('remap.preview'));
    return;
  }
  const steps = await requestAll(context, client, site, requests, false);
  terminal.print(tools.describeMoves(JSON.stringify(steps)));
}

/** Fails unless exactly one of one post, a list and a prefix is given. */
function checkSelection(options) {
  const { from, to, list } = options;
  const [prefixFrom, prefixTo] = [options['prefix-from'], options['prefix-to']];
  const pairs = [
    [from, to],
    [prefixFrom, prefixTo],
  ];
  const isWhole = pairs.every(([old, next]) => (old === undefined) === (next === undefined));
  const count = [from, list, prefixFrom].filter((value) => value !== undefined).length;
  if (!isWhole || count !== 1) throw usageError('remap.selection');
}

async function prepare({ options, terminal }, client, tools) {
  const { site, from, to, list } = options;
  if (options['prefix-from'] !== undefined) {
    const [rule, at] = JSON.parse(explained(() => tools.prefixRequest(options['prefix-from'], options['prefix-to'], site)));
    return { site: at, requests: [[rule, 0]] };
  }
  const plan = list === undefined ? explained(() => tools.Remap.single(from, to, site)) : await readList(tools, list, site);
  if (plan.unchanged > 0) terminal.print(message('remap.unchanged', { lines: plan.unchanged }));
  const at = site ?? plan.site;
  for (const { line, address } of JSON.parse(plan.hosts())) {
    const steps = await requestMoves(client, at, { moves: [{ from: address, to: address }] }, true, `${line}, ${address}`);
    explained(() => plan.addHost(address, JSON.stringify(steps)));
  }
  return { site: at, requests: JSON.parse(explained(() => plan.requests())) };
}

async function readList(tools, file, site) {
  let bytes;
  try {
    bytes = await readFile(file);
  } catch (error) {
    throw new Failure('file.unreadable', { file, reason: error.message });
  }
  return explained(() => tools.Remap.fromList(bytes, site), file);
}

/** Runs a rule of the owner's tools, whose errors are texts for the owner. */
function explained(rule, file) {
  try {
    return rule();
  } catch (error) {
    throw new Failure('remap.wrong', { reason: file === undefined ? error.message : `${file}: ${error.message}` });
  }
}

async function requestAll({ terminal }, client, site, requests, dryRun) {
  const total = requests.reduce((sum, [, count]) => sum + count, 0);
  const steps = [];
  let sent = 0;
  for (const [request, count] of requests) {
    steps.push(...(await requestMoves(client, site, request, dryRun)));
    sent += count;
    if (sent < total) terminal.progress(message('remap.progress', { done: sent, total }));
  }
  return steps;
}

/** Sends moves, and repeats the request with the cursor of the response until the Worker has processed all. */
async function requestMoves(client, site, moves, dryRun, place) {
  const hint = message(dryRun ? 'remap.nothing' : 'remap.hint');
  const steps = [];
  let after;
  do {
    const request = { ...moves, dry_run: dryRun, ...(after === undefined ? {} : { after }) };
    const page = await client.retry(hint, (self) => self.remap(site, request), place);
    steps.push(...page.steps);
    after = page.next ?? undefined;
  } while (after !== undefined);
  return steps;
}
