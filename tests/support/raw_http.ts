/** HTTP as it goes over the wire: what `fetch` would not send. */

export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

function parse(answer: string): RawAnswer {
  const [head = "", ...rest] = answer.split("\r\n\r\n");
  const [first = "", ...lines] = head.split("\r\n");
  const headers = new Headers();
  for (const line of lines) {
    const at = line.indexOf(":");
    headers.append(line.slice(0, at), line.slice(at + 1).trim());
  }
  return { status: Number(first.split(" ")[1]), headers, body: rest.join("\r\n\r\n") };
}

/** Sends text as it is; reads as long as the answer says it is, or until the server closes. */
export async function sendRaw(url: string, text: string): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  await connection.write(new TextEncoder().encode(text));
  let answer = "";
  for await (const part of connection.readable.pipeThrough(new TextDecoderStream())) {
    answer += part;
    if (!answer.includes("\r\n\r\n")) continue;
    const { headers, body } = parse(answer);
    if (body.length >= Number(headers.get("content-length") ?? Infinity)) break;
  }
  return parse(answer);
}

/** A request line with headers, to be closed after its answer. */
export function rawRequest(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
): string {
  const lines = Object.entries({ connection: "close", ...headers });
  const text = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return `${method} ${path} HTTP/1.1\r\n${text}\r\n`;
}
