// Loaded into the compiled program by NODE_OPTIONS, in tests only: its clock stands where ACCRUE_NOW says.
const now = Date.parse(process.env.ACCRUE_NOW);

globalThis.Date = class extends Date {
  constructor(...args) {
    super(...(args.length === 0 ? [now] : args));
  }

  static now() {
    return now;
  }
};
