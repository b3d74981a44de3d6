import { nativeProfile } from "../../../imports/profile-text.ts";
import { orderColumns } from "../columns.ts";

export const native = nativeProfile("orders", orderColumns);
