import { listed, type ColumnElsewhere } from "../../imports/guessing/names.ts";

/** What other systems call the columns of a list of products. */
export const productsElsewhere: Readonly<Record<string, ColumnElsewhere>> = {
  merchant_code: {
    holds: "party",
    names: listed(`
      merchantcode merchantid merchant shopcode shopid shop storecode storeid store vendor 商户号 商户编号 商户 门店编号 门店 店铺编号 店铺id 店铺
      店舗コード 店舗 filiale handler magasin tienda negozio`),
  },
  sku: {
    holds: "id",
    names: listed(`
      sku productcode productid productno itemcode itemno itemid articleno barcode ean code id 商品编码 商品id 货号 条码 商品コード 商品番号 品番
      artikelnummer artikelnr codearticle referenceproduit codigoproducto codigoarticulo`),
  },
  name: {
    holds: "text",
    names: listed(`
      productname itemname title product item description 商品名 商品 品名 名称 상품명 artikel bezeichnung artikelbezeichnung produit designation
      producto descripcion prodotto`),
    not: listed("code number id sku shop store 编号 店"),
  },
  price: {
    holds: "money",
    names: listed(
      "price unitprice saleprice retailprice 售价 单价 零售价 単価 販売価格 価格 판매가 preis verkaufspreis prix prixdevente precio prezzo",
    ),
    not: listed("cost purchase old 成本 进价 原价 einkauf"),
  },
};
