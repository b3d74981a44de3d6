import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";

/** Where accrue keeps things on disk. Nothing here exists until something is written to it. */
export interface AccruePaths {
  /** The one directory that holds everything, when ACCRUE_HOME names one. */
  readonly home: string | undefined;
  /** What must not be lost: the embedded server and its data. */
  readonly dataDir: string;
  /** What lives as long as a command does: locks and the like. Safe to remove when no command runs. */
  readonly runtimeDir: string;
  /** What is kept, but could be lost: rejects files, logs, histories. */
  readonly stateDir: string;
  /** The settings file; it may not exist. */
  readonly configFile: string;
}

/**
 * Where accrue keeps things for this user. ACCRUE_HOME moves everything into one directory; without it the XDG
 * directories are used. Root's own data home is private, and PostgreSQL never runs as root, so root's data defaults to
 * /var/lib/accrue, where an unprivileged server can reach it.
 *
 * The runtime directory is not below XDG_RUNTIME_DIR: that one vanishes at logout and does not exist for cron, and a
 * lock which two commands look for in two places locks nothing.
 *
 * @param env the environment to read; relative XDG paths are ignored, as their specification asks
 * @param uid the user the paths are for; 0 is root
 */
export const accruePaths = (env: NodeJS.ProcessEnv, uid: number): AccruePaths => {
  const home = env["ACCRUE_HOME"];
  if (home !== undefined && home !== "") {
    const root = resolve(home);
    return {
      home: root,
      dataDir: join(root, "data"),
      runtimeDir: join(root, "run"),
      stateDir: join(root, "state"),
      configFile: join(root, "config.json"),
    };
  }
  const userHome = absoluteOr(env["HOME"], homedir());
  const stateDir = join(absoluteOr(env["XDG_STATE_HOME"], join(userHome, ".local", "state")), "accrue");
  const dataHome = uid === 0 ? "/var/lib" : join(userHome, ".local", "share");
  return {
    home: undefined,
    dataDir: join(absoluteOr(env["XDG_DATA_HOME"], dataHome), "accrue"),
    runtimeDir: join(stateDir, "run"),
    stateDir,
    configFile: join(absoluteOr(env["XDG_CONFIG_HOME"], join(userHome, ".config")), "accrue", "config.json"),
  };
};

const absoluteOr = (path: string | undefined, fallback: string): string =>
  path !== undefined && isAbsolute(path) ? path : fallback;
