export * from "./accounts.ts";
export * from "./grants.ts";
export * from "./ledger.ts";
export * from "./members.ts";
export * from "./merchants.ts";
export * from "./orders.ts";
export * from "./platform.ts";
export * from "./withdrawals.ts";
