import { markup, type Markup } from "./markup.ts";
import { pageStyle } from "./page-style.ts";

/** One HTML file that needs nothing else: its styles are in it, and there is no script. */
export const htmlPage = (title: string, header: Markup, main: readonly Markup[]): string =>
  `${
    markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${pageStyle}</style>
</head>
<body>
<header>${header}</header>
<main>
${main.map((part) => markup`${part}\n`)}</main>
</body>
</html>`.text
  }\n`;
