/** One event of a stream, as it stands there. */
export interface Entry {
  readonly id: string;
  readonly type: string;
  readonly data: string;
}

/** The events of a stream, until it ends. */
export async function* entries(body: ReadableStream<Uint8Array>): AsyncGenerator<Entry> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let unread = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const parts = (unread + decoder.decode(value, { stream: true })).split("\n\n");
      unread = parts.pop() ?? "";
      for (const part of parts) {
        const entry = parsed(part);
        if (entry) yield entry;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function parsed(part: string): Entry | undefined {
  const fields = new Map<string, string>();
  for (const line of part.split("\n")) {
    const colon = line.indexOf(":");
    fields.set(line.slice(0, colon), line.slice(colon + 1).trimStart());
  }
  const type = fields.get("event");
  return type ? { id: fields.get("id") ?? "", type, data: fields.get("data") ?? "" } : undefined;
}
