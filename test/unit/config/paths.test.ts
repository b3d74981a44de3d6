import { expect, test } from "vitest";
import { accruePaths } from "../../../src/config/paths.ts";

test("ACCRUE_HOME holds everything, for root as well", () => {
  const expected = {
    home: "/srv/books",
    dataDir: "/srv/books/data",
    runtimeDir: "/srv/books/run",
    stateDir: "/srv/books/state",
    configFile: "/srv/books/config.json",
  };
  const env = { ACCRUE_HOME: "/srv/books/", HOME: "/home/lin", XDG_DATA_HOME: "/elsewhere" };
  expect(accruePaths(env, 1000)).toEqual(expected);
  expect(accruePaths(env, 0)).toEqual(expected);
});

test("a relative ACCRUE_HOME is relative to the working directory", () => {
  expect(accruePaths({ ACCRUE_HOME: ".accrue" }, 1000).home).toBe(`${process.cwd()}/.accrue`);
});

test("an ordinary user's things are in the XDG directories, or their defaults below the home", () => {
  expect(accruePaths({ HOME: "/home/lin" }, 1000)).toEqual({
    home: undefined,
    dataDir: "/home/lin/.local/share/accrue",
    runtimeDir: "/home/lin/.local/state/accrue/run",
    stateDir: "/home/lin/.local/state/accrue",
    configFile: "/home/lin/.config/accrue/config.json",
  });
  const env = { HOME: "/home/lin", XDG_DATA_HOME: "/d", XDG_STATE_HOME: "/s", XDG_CONFIG_HOME: "/c" };
  expect(accruePaths(env, 1000)).toEqual({
    home: undefined,
    dataDir: "/d/accrue",
    runtimeDir: "/s/accrue/run",
    stateDir: "/s/accrue",
    configFile: "/c/accrue/config.json",
  });
});

test("an empty ACCRUE_HOME and relative XDG paths count as not set", () => {
  const env = { ACCRUE_HOME: "", HOME: "/home/lin", XDG_DATA_HOME: "data", XDG_STATE_HOME: "", XDG_CONFIG_HOME: "./c" };
  expect(accruePaths(env, 1000)).toEqual(accruePaths({ HOME: "/home/lin" }, 1000));
});

test("root's data is where an unprivileged server can reach it, unless XDG_DATA_HOME says otherwise", () => {
  expect(accruePaths({ HOME: "/root" }, 0).dataDir).toBe("/var/lib/accrue");
  expect(accruePaths({ HOME: "/root", XDG_DATA_HOME: "/srv/data" }, 0).dataDir).toBe("/srv/data/accrue");
});
