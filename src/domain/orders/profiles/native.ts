import { nativeProfile } from "../../../imports/profile.ts";
import { orderColumns } from "../columns.ts";

export const native = nativeProfile("orders", orderColumns);
