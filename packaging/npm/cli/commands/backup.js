// `afterword backup`: downloads a site's export into a file.

import { connect } from '../admin-client.js';
import { downloadExport } from '../download.js';
import { message } from '../messages.js';
import { writePrivately } from '../private-file.js';
import { loadTools } from '../tools.js';

export default async function backup(context) {
  const { file } = context.names;
  const tools = await loadTools();
  const client = await connect(context);
  const { comments, site } = await writePrivately(file, (write) => downloadExport(context, client, tools, write));
  context.terminal.print(message('backup.done', { comments, site, file }));
}
