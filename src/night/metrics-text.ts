/** One gauge with its samples. Values are decimal texts, so that no amount passes through a float. */
export interface Gauge {
  readonly name: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

export interface Sample {
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: string | number | bigint;
}

/**
 * Writes gauges in the text format of node_exporter's textfile collector (Prometheus 0.0.4) that is valid OpenMetrics
 * 1.0, too: no timestamps, and `# EOF` at the end. A gauge without samples is left out.
 */
export function metricsText(gauges: readonly Gauge[]): string {
  return `${gauges
    .filter(({ samples }) => samples.length > 0)
    .map(gaugeText)
    .join("")}# EOF\n`;
}

const gaugeText = ({ name, help, samples }: Gauge): string =>
  `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} gauge\n${samples.map(({ labels, value }) => `${name}${labelsText(labels)} ${value}\n`).join("")}`;

const escapeHelp = (text: string): string => text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");

const labelsText = (labels: Sample["labels"] = {}): string => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeHelp(value).replaceAll('"', '\\"')}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
};

/** Reads samples back out of such a text: from `name{labels}` to value. Other lines are skipped. */
export function samplesOf(text: string): ReadonlyMap<string, string> {
  const samples = text.split("\n").map((line) => /^([a-z_]+(?:\{.*\})?) (\S+)$/.exec(line));
  return new Map(samples.flatMap((match) => (match === null ? [] : [[match[1]!, match[2]!] as const])));
}
