import type * as schema from "./schema/index.ts";

type Tables = {
  [
    Name in keyof typeof schema as (typeof schema)[Name] extends { readonly $inferSelect: unknown } ? Name : never
  ]: (typeof schema)[Name] extends { readonly $inferSelect: infer Columns } ? Columns : never;
};

/**
 * A row of a table as SELECT gives it, or some of its columns. Types only: a name that the schema does not have does
 * not compile.
 */
export type Row<Table extends keyof Tables, Column extends keyof Tables[Table] = keyof Tables[Table]> = Readonly<
  Pick<Tables[Table], Column>
>;
