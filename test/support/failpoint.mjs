// Loaded into the compiled program by NODE_OPTIONS, in tests only: kills it, as `kill -9` does, at the place that
// ACCRUE_FAILPOINT names: `commit:3:before` (before the third COMMIT is sent), `commit:3:after` (when the server has said that
// it committed, before the program knows), `rename:2:before`, `rename:2:after` (around the second file that takes its name).
// `commit:3:cut` cuts the connection instead, before the COMMIT is sent; `commit:3:lost` loses the COMMIT, and with it all that
// the program could wait for; `commit:3:hold` freezes the program there, which it tells by a file `held` in the directory
// ACCRUE_HOLD, until a file `go` is put beside it.
import { existsSync, writeFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import fs from "node:fs/promises";
import { Socket } from "node:net";

const [point, number, when] = (process.env.ACCRUE_FAILPOINT ?? "").split(":");
const counted = { commit: 0, rename: 0 };
const die = () => {
  process.kill(process.pid, "SIGKILL");
  for (;;); // nothing more happens until the signal is there
};
const hold = () => {
  writeFileSync(`${process.env.ACCRUE_HOLD}/held`, "");
  while (!existsSync(`${process.env.ACCRUE_HOLD}/go`)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
};
const reached = (kind) => {
  counted[kind] += 1;
  return point === kind && counted[kind] === Number(number);
};

const { rename } = fs;
fs.rename = async (...args) => {
  const isHere = reached("rename");
  if (isHere && when === "before") die();
  await rename(...args);
  if (isHere) die();
};
syncBuiltinESMExports();

// The driver prepares COMMIT once for each connection, and names it from then on.
const commitNames = new WeakMap();
const { write } = Socket.prototype;
Socket.prototype.write = function (chunk, ...rest) {
  if (Buffer.isBuffer(chunk) && chunk.length < 65_536) {
    const text = chunk.toString("latin1");
    const prepared = /P[^]{4}([^\0]*)\0commit\0/u.exec(text);
    if (prepared !== null) commitNames.set(this, prepared[1]);
    const name = commitNames.get(this);
    if (name !== undefined && text.includes(`\0${name}\0`) && reached("commit")) {
      if (when === "before") die();
      if (when === "cut") return this.destroy();
      if (when === "lost") {
        this.unref();
        return true;
      }
      if (when === "hold") hold();
      else
        this.prependListener("data", (answer) => {
          if (answer.includes("COMMIT\0")) die();
        });
    }
  }
  return write.call(this, chunk, ...rest);
};
