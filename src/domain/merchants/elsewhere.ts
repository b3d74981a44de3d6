import { listed, type ColumnElsewhere } from "../../imports/guessing/names.ts";

/** What other systems call the columns of a list of merchants. */
export const merchantsElsewhere: Readonly<Record<string, ColumnElsewhere>> = {
  merchant_code: {
    holds: "id",
    names: listed(`
      merchantcode merchantid merchantno shopcode shopid storecode storeid storenumber branchcode code id 商户号 商户编号 门店编号 店铺编号 店铺id
      店舗コード 店舗番号 filialnummer codemagasin codigotienda`),
  },
  name: {
    holds: "text",
    names: listed(`
      merchantname shopname storename merchant shop store branch 商户名称 商户 门店名称 店铺名称 店舗名 店舗 매장명 filiale haendler handler magasin
      enseigne tienda comercio negozio`),
    not: listed("code number id contact 编号 联系"),
  },
  contact: {
    holds: "text",
    names: listed("contact contactperson phone email 联系人 联系电话 电话 連絡先 kontakt ansprechpartner contacto"),
  },
  contribution_rate: {
    holds: "text",
    names: listed(
      "rate contributionrate commission commissionrate rebate 让利 返利比例 佣金比例 费率 料率 provision satz taux tasa",
    ),
  },
};
