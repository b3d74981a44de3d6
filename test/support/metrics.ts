/** One sample of a metrics text: its name, its labels and its value. */
export interface ParsedSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const namePattern = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/u;
const numberPattern = /^-?\d+(?:\.\d+)?(?:e[+-]?\d+)?$/u;

/**
 * Reads a metrics text as strictly as OpenMetrics 1.0 and the Prometheus text format 0.0.4 have it together: every
 * family with HELP and TYPE in front of its samples, no family twice, no sample twice, LF line ends, `# EOF` last and
 * once. Throws otherwise.
 */
export function parseMetrics(text: string): readonly ParsedSample[] {
  if (!text.endsWith("\n# EOF\n") && text !== "# EOF\n") throw new Error("it does not end with # EOF");
  const families = new Set<string>();
  const seen = new Set<string>();
  const samples: ParsedSample[] = [];
  let described: string | undefined;
  let family: string | undefined;
  for (const line of text.slice(0, -"# EOF\n".length).split("\n").slice(0, -1)) {
    const [, keyword, name = "", rest = ""] = /^# (HELP|TYPE) (\S+) (.+)$/su.exec(line) ?? [];
    if (keyword === "HELP") {
      if (!namePattern.test(name) || families.has(name))
        throw new Error(`family ${name} has a wrong name, or comes twice`);
      if (!/^(?:[^\\]|\\[\\n])*$/u.test(rest)) throw new Error(`HELP of ${name} has a wrong escape`);
      [described, family] = [name, undefined];
      families.add(name);
    } else if (keyword === "TYPE") {
      if (name !== described || rest !== "gauge")
        throw new Error(`TYPE ${name} ${rest}: not behind its HELP, or no gauge`);
      family = name;
    } else samples.push(parseSample(line, family, seen));
  }
  return samples;
}

function parseSample(line: string, family: string | undefined, seen: Set<string>): ParsedSample {
  const [, name = "", labelsText, value = ""] = /^([a-zA-Z0-9_:]+)(?:\{(.*)\})? (\S+)$/su.exec(line) ?? [];
  if (name === "" || name !== family) throw new Error(`"${line}" is no sample of family ${family}`);
  if (!numberPattern.test(value)) throw new Error(`"${line}" has no decimal value`);
  const labels: Record<string, string> = {};
  let rest = labelsText ?? "";
  while (rest !== "") {
    const [whole, label = "", quoted = ""] =
      /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,(?=.)|$)/su.exec(rest) ?? [];
    if (whole === undefined || label in labels) throw new Error(`"${line}" has wrong labels`);
    labels[label] = quoted.replace(/\\(.)/gu, (_, escaped: string) => (escaped === "n" ? "\n" : escaped));
    rest = rest.slice(whole.length);
  }
  const series = JSON.stringify([name, Object.entries(labels).sort()]);
  if (seen.has(series)) throw new Error(`"${line}" comes twice`);
  seen.add(series);
  return { name, labels, value: Number(value) };
}
