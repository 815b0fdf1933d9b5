// Messages of the commands that put Afterword on a machine or on Cloudflare; see messages.js.

export const HOSTING_MESSAGES = {
  'package.damaged': 'the package is damaged: {file}: {reason}; install it again',

  'serve.locked': 'another process uses {folder}; stop it first, or choose another folder',
  'serve.port': 'cannot listen on {host} port {port}: {reason}; stop what uses it, or choose another with --port',
  'serve.bad_port': '“{port}” is not a port; write a number from 1 to 65535',
  'serve.bad_network': '“{network}” is not a network; write an address such as 10.0.0.2, or a range such as 10.0.0.0/8',
  'serve.no_site': 'the address of your blog is missing: write --site https://…, or set SITES in {folder}/settings',
  'serve.ask_site': 'The address of your blog, such as https://blog.example:',
  'serve.bad_file': '{file}: {reason}',
  'serve.unknown_setting': '{folder} sets {name}, which is not a setting; correct the files “settings” and “keys” there',
  'serve.newer_data':
    'the data in {folder} was written by Afterword {found}, and {version} cannot read it; run version {found} or a newer one, or restore a backup into an empty folder',
  'serve.upgrading': 'this version changes the databases; a copy of the old ones is in {copy}',
  'serve.no_workerd': 'the runtime workerd is not installed for this machine ({platform}): {reason}; see “Own machine” in the documentation',
  'serve.silent': 'the server does not answer at {address} after a minute; its messages are above',
  'serve.ended': 'the server ended: {result}; its messages are above',
  'serve.ready': 'ready {address}',
  'serve.first_start':
    'Your comments for {site} run at {address}\n\n  Put this where comments belong in your pages:\n    {tag}\n\n  Moderate at {address}/admin with this secret, which is also in {folder}/keys:\n    {secret}\n',
  'serve.printed': 'Wrote to {folder}: {files}.\nThe first lines of afterword.service and of Dockerfile say how to start.',
  'serve.printed_secret': 'Your secret as a moderator, which is also in {folder}/keys: {secret}',
  'serve.printed_no_site': 'set the address of your blog in {file} before you start: SITES=https://blog.example',
};
