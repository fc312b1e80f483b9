/**
 * Whether a password is among the first that a guesser tries: one of the words that most leaked
 * passwords are made of, with capitals, digits in the place of letters, and digits or marks around
 * it; a run over the keyboard or the alphabet; or a few characters again and again.
 *
 * @module
 */

/** Words of lists of the most common passwords, in letters alone. */
const WORDS: ReadonlySet<string> = new Set(
  `password passwort passwd pass passphrase secret geheim letmein letmeinnow welcome willkommen
  admin administrator adminadmin root rootroot superuser user username guest default login master
  changeme changemenow changeit trustnoone test tester testing testtest demo example iloveyou
  ihateyou iloveu loveyou lovely sunshine princess princesa dragon monkey football fussball baseball
  basketball soccer hockey superman batman spiderman starwars pokemon naruto shadow michael jennifer
  jordan ashley jessica charlie daniel thomas hunter ranger buster tigger ginger pepper cookie cheese
  summer winter spring autumn sommer freedom whatever computer internet samsung google facebook
  liverpool chelsea arsenal barcelona manchester flower hannah babygirl lovelove godisgood blessed
  jesuschrist christ angel killer mustang corvette ferrari mercedes porsche company companyname
  stripe billing revenue dashboard businessglance glance correcthorsebatterystaple`.split(/\s+/),
);

/** Along the rows and columns of keyboards, the alphabet and the digits. */
const RUNS = [
  "01234567890123456789",
  "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
  "qwertyuiopasdfghjklzxcvbnm",
  "qwertzuiopasdfghjklyxcvbnm",
  "azertyuiopqsdfghjklmwxcvbn",
  "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
  "1q2w3e4r5t6y7u8i9o0p",
  "q1w2e3r4t5y6u7i8o9p0",
  "zaq12wsxcde34rfvbgt56yhn",
];
const BACKWARDS = RUNS.map((run) => [...run].reverse().join(""));

/** Digits and marks that stand for letters. */
const LETTERS: ReadonlyMap<string, string> = new Map([
  ["0", "o"],
  ["1", "i"],
  ["3", "e"],
  ["4", "a"],
  ["5", "s"],
  ["7", "t"],
  ["@", "a"],
  ["$", "s"],
  ["!", "i"],
]);

const lettersOf = (text: string) => text.replaceAll(/[^\p{L}]/gu, "");
const spelledOut = (text: string) => [...text].map((char) => LETTERS.get(char) ?? char).join("");

/** The shortest piece that the whole is made of, again and again; the last may be cut off. */
function pieceOf(text: string): string {
  for (let length = 1; length < text.length; length++) {
    if (text.slice(length) === text.slice(0, text.length - length)) return text.slice(0, length);
  }
  return text;
}

/** Whether the whole is made of pieces of runs, of three characters or more each. */
function isRun(text: string): boolean {
  let at = 0;
  while (at < text.length) {
    let end = Math.min(text.length, at + 36);
    const piece = () => text.slice(at, end);
    while (end - at >= 3 && ![...RUNS, ...BACKWARDS].some((run) => run.includes(piece()))) end--;
    if (end - at < 3) return false;
    at = end;
  }
  return true;
}

const isWord = (text: string) => WORDS.has(text) || WORDS.has(pieceOf(text));

/** @param password As it was typed, in any length. */
export function isCommonPassword(password: string): boolean {
  const text = password.normalize("NFKC").toLowerCase();
  if (pieceOf(text).length <= 4) return true;
  const trimmed = text.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, "");
  const forms = [text, spelledOut(trimmed), spelledOut(text)].map(lettersOf);
  return forms.some(isWord) || isRun(text.replaceAll(/[^\p{L}\p{N}]/gu, ""));
}
