import type { ProfileText } from "../../../imports/profile.ts";
import { alipay } from "./alipay.ts";
import { douyin } from "./douyin.ts";
import { jd } from "./jd.ts";
import { meituan } from "./meituan.ts";
import { native } from "./native.ts";
import { pinduoduo } from "./pinduoduo.ts";
import { refunds } from "./refunds.ts";
import { shopify } from "./shopify.ts";
import { taobao } from "./taobao.ts";
import { wechat } from "./wechat.ts";

/** Every way that a file of orders is known to be written, the native one first. */
export const orderProfiles: readonly ProfileText[] = [
  native,
  refunds,
  taobao,
  jd,
  douyin,
  pinduoduo,
  meituan,
  shopify,
  wechat,
  alipay,
];
