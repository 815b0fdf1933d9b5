/*
 * The part of the import page that runs as a Web Worker: the owner's tools, the files and the intermediate data. Nothing leaves the browser from here; the
 * page sends what it gets from `nextChunk`.
 */
import init, { ExportFile, Import, Totals, convertExport, recognizeFiles } from 'afterword-tools';

const reader = new FileReaderSync();
/** Bytes of intermediate data that become one Blob, which the browser may keep on disk. */
const PART_BYTES = 8 * 1024 * 1024;
const READ_BYTES = 1024 * 1024;

const bytesOf = (blob) => new Uint8Array(reader.readAsArrayBuffer(blob));

/** Intermediate data as Blobs of equal length, and the rest in memory. */
class Spool {
  parts = [];
  rest = new Uint8Array(PART_BYTES);
  length = 0;

  append(bytes) {
    for (let at = 0; at < bytes.length; ) {
      const count = Math.min(bytes.length - at, PART_BYTES - this.length);
      this.rest.set(bytes.subarray(at, at + count), this.length);
      this.length += count;
      at += count;
      if (this.length == PART_BYTES) {
        this.parts.push(new Blob([this.rest]));
        this.length = 0;
      }
    }
  }

  read(offset, target) {
    for (let done = 0; done < target.length; ) {
      const [part, at] = [Math.floor((offset + done) / PART_BYTES), (offset + done) % PART_BYTES];
      const count = Math.min(target.length - done, PART_BYTES - at);
      const isRest = part == this.parts.length;
      if (part > this.parts.length || (isRest && at + count > this.length)) throw new Error('the intermediate data is incomplete');
      target.set(isRest ? this.rest.subarray(at, at + count) : bytesOf(this.parts[part].slice(at, at + count)), done);
      done += count;
    }
  }
}

/** The functions that the tools call. */
const hostOf = (files, spool) => ({
  read(file, offset, target) {
    const bytes = bytesOf(files[file].slice(offset, offset + target.length));
    target.set(bytes);
    return bytes.length;
  },
  append: (bytes) => spool.append(bytes),
  readAt: (offset, target) => spool.read(offset, target),
  progress: (bytes, total, comments) => postMessage({ progress: { bytes, total, comments } }),
});

const infoOf = (files) => JSON.stringify(files.map((file) => ({ name: file.webkitRelativePath || file.name, length: file.size })));

let files = [];
let current;
let totals;

const drop = () => {
  current?.free();
  current = undefined;
};

/** An export of Afterword, as the object of an import: its uploads come from the file. */
class OwnExport {
  constructor(file) {
    [this.file, this.at] = [file, 0];
    const check = new ExportFile(undefined);
    for (let at = 0; at < file.size; at += READ_BYTES) {
      check.push(bytesOf(file.slice(at, at + READ_BYTES)));
      postMessage({ progress: { bytes: at, total: file.size, comments: 0 } });
    }
    this.summary = JSON.parse(check.finish());
    check.free();
    this.rewind();
  }

  rewind() {
    this.export?.free();
    [this.export, this.at, this.isFinished] = [new ExportFile(this.summary.header), 0, false];
  }

  nextChunk() {
    for (;;) {
      const chunk = this.export.nextChunk();
      if (chunk || this.isFinished) return chunk;
      if (this.at < this.file.size) {
        this.export.push(bytesOf(this.file.slice(this.at, this.at + READ_BYTES)));
        this.at += READ_BYTES;
      } else {
        this.export.finish();
        this.isFinished = true;
      }
    }
  }

  free() {
    this.export.free();
  }
}

const CALLS = {
  /** Converts an export of Afterword. Returns the file and the report. */
  convert(file, format) {
    const parts = [];
    const write = (bytes) => parts.push(new Blob([bytes]));
    const report = convertExport({ ...hostOf([file], undefined), write }, file.size, format);
    return { file: new Blob(parts, { type: 'application/xml' }), report: JSON.parse(report) };
  },
  /** Takes the files, and recognizes them. */
  open(chosen) {
    drop();
    files = chosen;
    const [format, label] = recognizeFiles(hostOf(files, new Spool()), infoOf(files));
    return { format, label };
  },
  /** Reads them. */
  read(format, zone) {
    drop();
    if (format == 'afterword') {
      current = new OwnExport(files[0]);
      return { summary: current.summary };
    }
    current = new Import(hostOf(files, new Spool()), infoOf(files), format, zone);
    return { survey: JSON.parse(current.survey()) };
  },
  plan: (options, feeds) => JSON.parse(current.makePlan(JSON.stringify(options), feeds)),
  table: () => current.addressTable(),
  /** Begins a run of uploads. */
  begin() {
    totals?.free();
    totals = new Totals();
    current.rewind();
  },
  next() {
    const chunk = current.nextChunk();
    if (!chunk) return undefined;
    const { first, last, body } = chunk;
    chunk.free();
    return { first, last, body };
  },
  /** Adds the response to an upload, and returns the sums of all. */
  add(response) {
    totals.add(response);
    const names = ['comments', 'threads', 'known', 'owner_comments', 'refused', 'renumbered'];
    return Object.fromEntries(names.map((name) => [name, totals.count(name)]));
  },
};

const ready = init({ module_or_path: TOOLS });

self.onmessage = async ({ data: { id, call, values } }) => {
  try {
    await ready;
    postMessage({ id, result: CALLS[call](...values) });
  } catch (error) {
    // A trap leaves the module unusable: its message is for programmers.
    const isTrap = error instanceof WebAssembly.RuntimeError;
    postMessage({ id, error: isTrap ? '' : String(error?.message || error) });
  }
};
