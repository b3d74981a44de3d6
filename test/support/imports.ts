import type { SecretBox } from "../../src/domain/accounts/secret-box.ts";
import { accountKind } from "../../src/domain/accounts/import.ts";
import { aliasKind } from "../../src/domain/aliases/import.ts";
import type { AliasHolder } from "../../src/domain/aliases/model.ts";
import { memberKind } from "../../src/domain/members/import.ts";
import { merchantKind } from "../../src/domain/merchants/import.ts";
import { orderKind } from "../../src/domain/orders/import.ts";
import type { PayoutChannel } from "../../src/domain/payouts/model.ts";
import { resultKind } from "../../src/domain/payouts/result.ts";
import { productKind } from "../../src/domain/products/import.ts";
import { withdrawalKind } from "../../src/domain/withdrawals/import.ts";
import type { Context } from "../../src/db/context.ts";
import { explainFile } from "../../src/imports/explain.ts";
import { runImport, type ImportInput } from "../../src/imports/run-import.ts";

/** Imports of each kind as a command makes them. */
export const importMembers = (context: Context, input: ImportInput) => runImport(context, memberKind, input);
export const importMerchants = (
  context: Context,
  { isPending = false, ...input }: ImportInput & { readonly isPending?: boolean },
) => runImport(context, merchantKind(isPending ? "pending" : "active"), input);
export const importProducts = (context: Context, input: ImportInput) => runImport(context, productKind, input);
export const importOrders = (
  context: Context,
  { createsMembers = false, ...input }: ImportInput & { readonly createsMembers?: boolean },
) => runImport(context, orderKind(createsMembers), input);
export const importAliases = (
  context: Context,
  holder: AliasHolder,
  { source, ...input }: ImportInput & { readonly source?: string | undefined },
) => runImport(context, aliasKind(holder, source), input);
export const importAccounts = (context: Context, box: SecretBox, input: ImportInput) =>
  runImport(context, accountKind(box), input);
export const importWithdrawals = (context: Context, input: ImportInput, boxOf: () => SecretBox) =>
  runImport(context, withdrawalKind(boxOf), input);
export const importResults = (context: Context, input: ImportInput, channel: PayoutChannel | null = null) =>
  runImport(context, resultKind(channel), input);
export const explainOrders = (context: Context, input: ImportInput) => explainFile(context, orderKind(), input);
