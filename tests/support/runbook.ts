/** The commands of deploy/README.md, so that tests run them as they are written. */
import { ROOT } from "./program.ts";

export const DOCUMENT = Deno.readTextFileSync(new URL("deploy/README.md", ROOT));

/** Programs that inline code of the document calls. */
const PROGRAMS =
  /^(?:curl|deno|docker|glance|journalctl|kubectl|pg_dump|podman|systemctl|systemd-analyze) /;
/** A command of the program without what runs it, such as `db:restore --verify`. */
const BARE =
  /^[a-z]+:(?:backup|restore|export|import|status|forget|create|revoke|rotate|hash|validate)\b/;

const oneLine = (text: string) => text.replaceAll(/\s+/g, " ").trim();

/** The commands of a block for a shell, each on one line, without comments. */
export function commandsOf(block: string): readonly string[] {
  const whole = block.replaceAll(/(?:^|[ \t]+)# .*$/gm, "").replaceAll("\\\n", " ")
    .replaceAll(/\|\n/g, "| ");
  const commands: string[] = [];
  let loop = "";
  for (const line of whole.split("\n").filter((one) => one.trim() !== "")) {
    if (/^for /.test(line) || loop !== "") loop += `${line}\n`;
    else commands.push(oneLine(line));
    if (line === "done") {
      commands.push(loop.trim());
      loop = "";
    }
  }
  return commands;
}

/** What is under a heading, up to the next. */
export function sectionOf(heading: string): string {
  const [, text] = new RegExp(`^## ${heading}\n([\\s\\S]*?)(?=^## |$(?![\\s\\S]))`, "m")
    .exec(DOCUMENT) ?? [];
  if (text === undefined) throw new Error(`deploy/README.md has no section ${heading}`);
  return text;
}

/** The blocks for a shell in a text. */
export function blocksOf(text: string): readonly string[] {
  return [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block!);
}

const inline = [...DOCUMENT.replaceAll(/^```[\s\S]*?^```$/gm, "").matchAll(/`([^`]+)`/g)]
  .map(([, text]) => oneLine(text!));

const copied = blocksOf(DOCUMENT).flatMap(commandsOf);
const isPart = (text: string) => copied.some((command) => command.includes(text));

/** Every command of the document that can be copied as it is. */
export const COMMANDS: readonly string[] = [
  ...new Set([
    ...copied,
    // Parts of a command are mentions of it.
    ...inline.filter((text) => PROGRAMS.test(text) && !isPart(text)),
  ]),
];

/** Commands that sentences only mention. */
export const MENTIONED: readonly string[] = [...new Set(inline.filter((text) => BARE.test(text)))];

/** The one command of the document that begins so. @throws {Error} where there is none. */
export function documented(start: string): string {
  const found = COMMANDS.filter((command) => command.startsWith(start));
  const exact = found.find((command) => command === start);
  if (exact === undefined && found.length !== 1) {
    throw new Error(`deploy/README.md has ${found.length} commands that begin with ${start}`);
  }
  return exact ?? found[0]!;
}
