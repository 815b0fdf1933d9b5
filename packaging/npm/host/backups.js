// A bucket for backups in a folder of this machine, with the methods of an R2 bucket that the Worker calls. `:` in a key, as in a site with a
// port, becomes `_`, which Windows can store.

const path = (key) => `http://backups/${key.split('/').map((part) => encodeURIComponent(part.replaceAll(':', '_'))).join('/')}`;

// The Worker recognizes a bucket by the name of its class.
export class R2Bucket {
  #folder;
  #uploads = new Map();

  constructor(folder) {
    this.#folder = folder;
  }

  async createMultipartUpload(key) {
    const upload = new Upload(this.#folder, key);
    this.#uploads.set(upload.uploadId, upload);
    upload.ended.then(() => this.#uploads.delete(upload.uploadId));
    return upload;
  }

  resumeMultipartUpload(_key, uploadId) {
    const upload = this.#uploads.get(uploadId);
    if (!upload) {
      throw new Error('the upload does not exist');
    }
    return upload;
  }

  async head(key) {
    const response = await this.#folder.fetch(path(key), { method: 'HEAD' });
    return response.ok ? { key } : null;
  }

  // Lists the files of one folder, given as a prefix that ends with `/`.
  async list({ prefix }) {
    const response = await this.#folder.fetch(path(prefix.replace(/\/$/, '')));
    const entries = response.ok ? await response.json() : [];
    const objects = entries.filter(({ type }) => type === 'file').map(({ name }) => ({ key: `${prefix}${name}` }));
    return { objects, truncated: false, delimitedPrefixes: [] };
  }

  async delete(key) {
    await this.#folder.fetch(path(key), { method: 'DELETE' });
  }
}

// One file that is being written. The folder's service puts it in place when all of it has arrived, and drops it otherwise.
class Upload {
  uploadId = crypto.randomUUID();
  #writer;
  #written;
  ended;

  constructor(folder, key) {
    this.key = key;
    const { readable, writable } = new TransformStream();
    this.#writer = writable.getWriter();
    this.#written = folder.fetch(path(key), { method: 'PUT', body: readable });
    this.ended = this.#written.then(() => {}, () => {});
  }

  async uploadPart(partNumber, part) {
    await this.#unlessFailed(this.#writer.write(part));
    return { partNumber, etag: String(partNumber) };
  }

  async complete() {
    await this.#unlessFailed(this.#writer.close());
    const response = await this.#written;
    if (!response.ok) {
      throw new Error(`the folder for backups answered ${response.status}`);
    }
    return { key: this.key };
  }

  async abort() {
    await this.#writer.abort(new Error('the backup was not finished')).catch(() => {});
  }

  // A failed request, as on a full disk, must not leave the writer waiting.
  async #unlessFailed(step) {
    const failure = this.#written.then((response) => {
      if (!response.ok) {
        throw new Error(`the folder for backups answered ${response.status}`);
      }
      return step;
    });
    await Promise.race([step, failure]);
  }
}
