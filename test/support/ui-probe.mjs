// What a command does at a terminal, without a command: run by the tests of src/ui on a pseudo-terminal.
import { exitCodeOf } from "../../src/cli/exit-codes.ts";
import { Ui } from "../../src/ui/ui.ts";

const stop = new AbortController();
const ui = new Ui(process, process.env, { json: process.argv.includes("--json") }, stop.signal);
process.on("SIGTERM", () => stop.abort(Object.assign(new Error("told to stop"), { name: "Stopped" })));

const plays = {
  async ask() {
    const check = (answer) => (answer === "" ? "say something" : undefined);
    const name = await ui.ask({ message: "Name", check }, "--name");
    const secret = await ui.ask({ message: "Secret", masked: true, check }, "--secret-stdin");
    await ui.show({ name, secret }, (page) =>
      page.facts([
        ["name", name],
        ["secret", secret],
      ]),
    );
  },
  async confirm() {
    const yes = await ui.confirm("Go on?");
    await ui.show({ yes }, (page) => page.line(yes ? "went on" : "did not"));
  },
  async progress() {
    let done = 0;
    process.on("SIGINT", () => {
      ui.endProgress();
      ui.note("caught Ctrl-C");
      process.exit(130);
    });
    const ticks = Number(process.argv[3] ?? 200);
    for (let tick = 0; tick < ticks; tick += 1) {
      await new Promise((settle) => setTimeout(settle, 50));
      ui.progress({ phase: "importing orders", done: (done += 1000), total: ticks * 1000, unit: "rows", rejected: 3 });
    }
    await ui.show({}, (page) => page.line("all done"));
  },
  async table() {
    const rows = Array.from({ length: 300 }, (_, no) => [
      `M${no}`,
      `会员名字很长很长很长很长${no}`,
      "一家名字特别长的商店在杭州市西湖区文三路",
      "1234567.89",
    ]);
    await ui.page((page) =>
      page
        .heading("会员")
        .table(
          [{ heading: "会员号" }, { heading: "姓名" }, { heading: "商家" }, { heading: "金额", align: "right" }],
          rows,
        ),
    );
  },
};

try {
  await plays[process.argv[2]]();
} catch (error) {
  ui.error(error);
  process.exitCode = exitCodeOf(error);
}
