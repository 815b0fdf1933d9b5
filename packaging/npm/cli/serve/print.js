// `afterword serve --print DIR`: everything to run Afterword without Node: by systemd, or as an image, behind Caddy or nginx.

import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { EXIT } from '../failure.js';
import { message } from '../messages.js';
import { configuration } from './config.js';
import { copyBundle, createFolders, createKeys, prepareUpgrade, readVariables, replaceFile, writeSettings } from './data-folder.js';
import { workerdPath } from './runtime.js';

/** Proxies on the same machine, which the printed snippets are for. */
const LOCAL_PROXIES = ['127.0.0.1', '::1'];

/** Writes all files into a data folder, and returns the exit code. */
export function printFiles({ folder, build, settings, host, port, proxies, site, packageFolder, env, terminal }) {
  createFolders(folder);
  const { started } = prepareUpgrade(folder, build);
  copyBundle(folder, packageFolder);
  const variables = readVariables(folder, env, settings);
  const trusted = proxies.length > 0 ? proxies : LOCAL_PROXIES;
  const written = { KV_WRITES: variables.KV_WRITES ?? '0', TRUSTED_PROXIES: trusted.join(' ') };
  const sites = site ?? variables.SITES;
  if (sites) written.SITES = sites;
  writeSettings(folder, written);
  const secret = createKeys(folder, variables);
  const program = workerdPath();
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  replaceFile(join(folder, 'config.capnp'), configuration({ build, settings, address, lock: false, startedAt: started }));
  mkdirSync(join(folder, 'bin'), { recursive: true });
  cpSync(program, join(folder, 'bin', 'workerd'));
  chmodSync(join(folder, 'bin', 'workerd'), 0o755);
  const files = {
    'afterword.service': unit(folder, userInfo().username),
    Dockerfile: dockerfile(workerdVersion(program), port),
    '.dockerignore': dockerIgnore(),
    Caddyfile: caddyfile(port),
    'nginx.conf': nginx(port),
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  terminal.print(message('serve.printed', { folder, files: ['config.capnp', ...Object.keys(files)].join(', ') }));
  if (secret) terminal.note(message('serve.printed_secret', { folder, secret }));
  if (!sites) terminal.note(message('serve.printed_no_site', { file: join(folder, 'settings') }));
  return EXIT.ok;
}

function workerdVersion(program) {
  return createRequire(program)(join(dirname(program), '..', 'package.json')).version;
}

/** A systemd unit. `flock` keeps a second process away and needs no clean-up after a kill. */
export function unit(folder, user) {
  const path = (name) => systemdWord(join(folder, name));
  const line = folder.replaceAll('%', '%%');
  return `\
# Install: cp afterword.service /etc/systemd/system/ && systemctl enable --now afterword
[Unit]
Description=Afterword, comments for a blog
Wants=network-online.target
After=network-online.target

[Service]
User=${user}
WorkingDirectory=${line}
EnvironmentFile=${line}/settings
EnvironmentFile=${line}/keys
ExecStart=/usr/bin/flock --nonblock --no-fork ${path('lock.flock')} ${path('bin/workerd')} serve config.capnp
Restart=always
RestartSec=2
TimeoutStopSec=30
UMask=0077
NoNewPrivileges=yes
PrivateTmp=yes
PrivateDevices=yes
ProtectSystem=strict
ReadWritePaths=${systemdWord(folder)}
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictSUIDSGID=yes
LockPersonality=yes

[Install]
WantedBy=multi-user.target
`;
}

/** A word of a systemd unit, quoted. */
function systemdWord(text) {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('%', '%%').replaceAll('$', '$$$$')}"`;
}

/** An image of Debian 12 with workerd and the bundle, without Node. */
export function dockerfile(version, port) {
  return `\
# Build: docker build --tag afterword .
# Run:   docker run --detach --restart unless-stopped --publish 127.0.0.1:${port}:${port} --volume afterword:/data --env-file settings --env-file keys afterword
# The proxy is another machine for the container: add its network to TRUSTED_PROXIES in "settings", such as 172.16.0.0/12.
FROM node:24-bookworm-slim AS workerd
WORKDIR /package
RUN npm install --ignore-scripts --no-audit --no-fund workerd@${version} \\
  && cp "$(node --print "require('workerd').default")" /usr/local/bin/workerd

FROM debian:12-slim
RUN useradd --system --uid 10001 afterword && install --directory --owner afterword --mode 700 /data /data/state /data/kv /data/backups
COPY --from=workerd /usr/local/bin/workerd /usr/local/bin/workerd
COPY bundle /app/bundle
COPY config.capnp /app/config.capnp
USER afterword
WORKDIR /data
VOLUME /data
EXPOSE ${port}
HEALTHCHECK --start-period=30s CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/${port} && printf 'GET /health HTTP/1.0\\\\r\\\\n\\\\r\\\\n' >&3 && head --lines=1 <&3 | grep --quiet ' 200 '"]
CMD ["flock", "--nonblock", "--no-fork", "/data/lock.flock", "workerd", "serve", "--socket-addr=http=*:${port}", "--directory-path=assets=/app/bundle/assets", "--directory-path=compressed=/app/bundle/host/assets", "/app/config.capnp"]
`;
}

/** Keeps secrets and comments out of the image. */
function dockerIgnore() {
  return '*\n!bundle\n!config.capnp\n';
}

export function caddyfile(port) {
  return `\
# Put this into your Caddyfile, with the name of your comments. Caddy gets the certificate by itself.
comments.example {
	encode zstd gzip
	reverse_proxy 127.0.0.1:${port}
}
`;
}

export function nginx(port) {
  return `\
# Put this into the folder of nginx's sites, with the name of your comments and the paths of its certificate.
server {
    listen 443 ssl;
    listen [::]:443 ssl;
    server_name comments.example;
    ssl_certificate /etc/letsencrypt/live/comments.example/fullchain.pem;
    ssl_certificate_key /etc/letsencrypt/live/comments.example/privkey.pem;

    # Imports and restored backups are larger than nginx's limit of 1 MB.
    client_max_body_size 64m;
    gzip on;
    gzip_proxied any;
    gzip_types text/plain application/json application/atom+xml;

    location / {
        proxy_pass http://127.0.0.1:${port};
        proxy_http_version 1.1;
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto $scheme;
        proxy_request_buffering off;
        proxy_read_timeout 120s;
    }
}
`;
}
