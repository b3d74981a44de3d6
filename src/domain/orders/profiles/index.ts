import type { ProfileText } from "../../../imports/profile.ts";
import { alipay } from "./alipay.ts";
import { amazon } from "./amazon.ts";
import { consumers } from "./consumers.ts";
import { douyin } from "./douyin.ts";
import { etsy, etsyItems } from "./etsy.ts";
import { jd } from "./jd.ts";
import { jdSettlement } from "./jd-settlement.ts";
import { meituan } from "./meituan.ts";
import { native } from "./native.ts";
import { pinduoduo } from "./pinduoduo.ts";
import { refunds } from "./refunds.ts";
import { shopify } from "./shopify.ts";
import { shouqianba } from "./shouqianba.ts";
import { square, squareItems } from "./square.ts";
import { stripe, stripeBalance } from "./stripe.ts";
import { taobao } from "./taobao.ts";
import { wechat } from "./wechat.ts";
import { woocommerce } from "./woocommerce.ts";

/** Every way that a file of orders is known to be written, the native one first. */
export const orderProfiles: readonly ProfileText[] = [
  native,
  refunds,
  taobao,
  jd,
  jdSettlement,
  douyin,
  pinduoduo,
  meituan,
  shopify,
  woocommerce,
  amazon,
  etsy,
  etsyItems,
  square,
  squareItems,
  stripe,
  stripeBalance,
  wechat,
  alipay,
  shouqianba,
  ...consumers,
];
