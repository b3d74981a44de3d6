import { listed, type ColumnElsewhere } from "../../imports/guessing/names.ts";
import type { OrderColumn } from "./columns.ts";

/**
 * What shops and tills call the columns of their exports, and their words, in the languages that were met: Chinese,
 * English, German, French, Spanish, Italian, Japanese, Korean, Russian, Dutch, Swedish. For guesses of unknown files
 * only; names are written without case, accents and signs, the surest first.
 *
 * Words of platforms are those of their documentation: BigCommerce https://support.bigcommerce.com (Order Statuses;
 * what counts as paid: docs.bigcommerce.com, Order Status), Magento https://github.com/dbachmann/m1-userguide (Order
 * Status), Shopware (states of transactions), PrestaShop and OpenCart (states that a new shop has), PayPal (Order
 * Management Integration Guide, downloadable history log).
 */
export const ordersElsewhere: Readonly<Partial<Record<OrderColumn, ColumnElsewhere>>> = {
  order_no: {
    holds: "id",
    names: listed(`
      incrementid ordernumber orderno ordernr orderid 订单号 订单编号 订单id 主订单编号 商户订单号 주문번호 注文番号 受注番号
      注文id bestellnummer bestellnr auftragsnummer auftragsnr numerodecommande nocommande ncommande numcommande
      numerodepedido numeropedido npedido idpedido numeroordine order orderreference orderref ordercode salesorder
      销售单号 单据号 单据编号 单号 交易单号 交易号 流水号 小票号 伝票番号 取引番号 取引id レシート番号 commande
      pedido ordine bestellung receiptnumber receiptno receiptid receipt transactionid transactionno transactionnumber
      saleid salenumber invoicenumber invoiceno invoice belegnummer belegnr bon bonnr bonnummer rechnungsnummer
      rechnungsnr vorgangsnummer reference referencecommande ticket numeroticket numticket facture numerofacture
      factura numerofactura номерзаказа номеротправления bestelnummer kvittonummer kvitto deventa`),
    not: listed(
      "date status total amount time type item line source channel qty note state 日期 时间 状态 金额 数量 日時 datum",
    ),
  },
  member_no: {
    holds: "party",
    names: listed(`
      memberno membernumber memberid membershipnumber membershipno loyaltycard loyaltyid cardnumber member 会员号
      会员编号 会员卡号 会员id 卡号 会员 회원번호 会員番号 会員id 会員 mitgliedsnummer mitgliedsnr mitglied
      numeroadherent adherent socio numerosocio customerno customernumber customerid customercode customeremail
      buyeremail emailaddress email customer client buyer 客户编号 客户号 客户id 客户 买家昵称 买家账号 买家会员名
      买家 用户id 用户名 会员手机号 会员手机 手机号 手机 顾客 顧客番号 顧客id 顧客コード 顧客 お客様番号 kundennummer
      kundennr kundenid kunde kundenemail numeroclient noclient codeclient idclient client courriel mail numerocliente
      codigocliente idcliente cliente correo correoelectronico username account phone mobile telephone telefon
      покупатель клиент klantnummer klant kundnummer kund comprador`),
    not: listed("note comment group type since date status amount total 备注 日期"),
  },
  merchant_code: {
    holds: "party",
    names: listed(`
      merchantcode merchantid merchantno merchant shopcode shopid shop storecode storeid storenumber storename store
      branchcode branch location outlet vendor 商家编号 商家 商户号 商户编号 商户名称 商户 门店编号 门店编码 门店名称
      门店 店铺id 店铺编号 店铺名称 店铺 网点 매장 店舗コード 店舗番号 店舗名 店舗 filialnummer filialnr filiale laden
      geschaft standort markt codemagasin magasin boutique pointdevente etablissement codigotienda tienda sucursal
      comercio negozio`),
    not: listed("address phone order 地址 电话 订单"),
  },
  amount: {
    holds: "money",
    names: listed(`
      amountpaid paidamount totalpaid grandtotal totalamount amounttotal ordertotal orderamount total 实付金额 实付款
      实付 实收金额 实收 买家实付金额 支付金额 付款金额 应付金额 订单金额 订单总额 总金额 交易金额 总额 金额 合计
      合計金額 合計 支払金額 お支払い金額 支払額 請求金額 注文金額 売上金額 決済金額 결제금액 金額 gesamtbetrag
      gesamtsumme gesamtpreis zahlbetrag rechnungsbetrag endbetrag bruttobetrag brutto betrag summe gesamt umsatz
      montantttc totalttc montanttotal montantpaye montant prixtotal importetotal totalpagado importe monto totale
      importo amount amountcents totalcents amountfen netsales grosssales sales gross revenue value сумма суммазаказа
      суммаотправления bedrag totaal belopp totalt`),
    not: listed(`
      tax vat mwst steuer tva iva shipping versand porto livraison freight discount rabatt remise fee gebuhr frais tip
      qty quantity menge refund erstatt rembours reembols currency balance count points 退 税 运费 邮费 优惠 折扣
      手续费 送料 手数料 値引 返 subtotal zwischensumme 小計 小计 pending net excl 应收 佣金`),
  },
  status: {
    holds: "words",
    isUsual: true,
    names: listed(`
      orderstatus transactionsstate transactionstate paymentstatus paymentstate 주문상태 결제상태 financialstatus
      订单状态 交易状态 支付状态 付款状态 注文状態 注文ステータス 決済状況 支払状況 bestellstatus auftragsstatus
      zahlungsstatus statutcommande statutpaiement statutdelacommande estadopedido estadodelpedido estadodepago status
      state 状态 状態 ステータス zustand statut etat estado stato статус result`),
    not: listed(
      `fulfil shipping shipment delivery versand liefer livraison expedition envio 发货 物流 配送 出荷 email date 时间
      退款 售后 返金 refund return`,
    ),
    words: {
      pending: listed(`
        pending unpaid open new awaitingpayment onhold created draft authorized 待付款 待支付 未付款 未支付 等待付款
        等待买家付款 未入金 入金待ち 未払い 支払待ち 입금대기 결제대기 offen ausstehend unbezahlt neu impaye impayee
        pendiente awaitingpayment onhold paymentpending partiallypaid zahlungausstehend wartenaufzahlung enattente
        enattentedepaiement apayer nopagado pendientedepago pendingpayment holded paymentreview suspectedfraud fraud
        pendingpaypal incomplete manualverificationrequired reminded unconfirmed paidpartially onaccount parked
        enattentedupaiementparcheque enattentedevirementbancaire awaitingcheckpayment awaitingbankwirepayment
        ожидаетоплаты ожидаетподтверждения неоплачен`),
      paid: listed(`
        paid complete completed processing shipped delivered success succeeded successful captured settled fulfilled
        partiallyrefunded 已付款 已支付 支付成功 付款成功 已完成 完成 交易成功 交易完成 已发货 待发货 已收货 待收货
        已签收 成功 部分退款 入金済 入金済み 支払済 支払済み 支払い済み 決済済 決済済み 完了 発送済 発送済み 出荷済
        出荷済み 一部返金 bezahlt abgeschlossen erledigt versendet versandt geliefert zugestellt payee paye payer
        expediee expedie livree livre terminee termine pagado pagada completado completada enviado entregado pagato
        completato spedito teilerstattet paymentreceived partiallyrefunded teilweiseerstattet zahlungerhalten
        partiellementremboursee partiellementrembourse encoursdepreparation parcialmentereembolsado reembolsoparcial
        결제완료 배송중 배송완료 구매확정 awaitingfulfillment awaitingshipment awaitingpickup partiallyshipped
        refundedpartially canceledreversal processed paidout sent toship readytoship shipping packed paiementaccepte
        paiementadistanceaccepte paymentaccepted remotepaymentaccepted processinginprogress 订单成功 已消费 待消费 已核销
        等待商家发货 商家已发货 等待卖家发货 卖家已发货 等待买家确认收货 部分发货 待使用 已使用 доставлен доставляется оплачен ожидаетотгрузки ожидаетсборки
        выполнен betaald voltooid
        verzonden betald`),
      closed: listed(`
        closed cancelled canceled void voided refunded expired failed declined 已关闭 已取消 取消 关闭 交易关闭 已退款
        全额退款 退款成功 已退货 キャンセル 取消済 取消済み 返金済 返金済み 返品済 storniert abgebrochen widerrufen
        erstattet annulliert annulee annule remboursee rembourse echouee cancelado cancelada anulado reembolsado
        annullato rimborsato paymentfailed fullyrefunded 취소 취소완료 환불완료 ruckerstattet fail denied reversed
        chargeback paypalreversed erreurdepaiement paymenterror 订单失败 交易失败 支付失败 无效订单 已作废 作废 已撤销
        отменен возвращен ventacancelada geannuleerd avbruten returned`),
    },
    // Refunds that may fail, or only one part of several: what a platform's own export means by them, others do not.
    asked: listed("退款中 售后中 退款处理中 refunding returnrequested refundrequested disputed"),
  },
  paid_at: {
    holds: "time",
    isUsual: true,
    names: listed(`
      paidat paidon paidtime orderpaidtime paidondate paiddate paymentdate paymenttime paymentdatetime datepaid
      paydate paytime paid
      支付时间 付款时间 支付日期 付款日期 支付完成时间 收款时间 成交时间 订单付款时间 交易时间 交易日期 销售时间 销售日期 消费时间
      消费日期 결제일시 결제일 支払日時 支払日 入金日時 入金日 決済日時 決済日 取引日時 取引日 bezahltam zahlungsdatum
      zahlungszeitpunkt zahlungseingang bezahlt datedepaiement datepaiement payele reglele fechadepago fechapago
      pagadoel datapagamento transactiondate transactiontime transactiondatetime completedat completedon saledate
      saletime datetime timestamp date 日期 时间 日時 日付 売上日時 売上日 datum zeitpunkt datumuhrzeit
      datetransaction dateheure datevente fecha fechahora fechadeventa data time дата
      датаоплаты betaaldop paidepoch paidts paymentts ts epoch unixtime`),
    not: listed(`
      ship deliver versand liefer update modif refund cancel expire birth erstatt rembours 出荷 発送 发货 更新 退款
      取消 生日 due fallig complete closed opened 完成 送达 收货 结束 完了 payout отгруз достав 期限`),
  },
  ordered_at: {
    holds: "time",
    names: listed(`
      orderdate ordertime orderdatetime orderedat orderedon createdat createdon created datecreated creationdate
      purchasedate purchasedat purchasedon 下单时间 下单日期 创建时间 订单时间 订单日期 订单创建时间 注文日時 注文日
      受注日時 受注日 購入日時 購入日 bestelldatum bestelltam bestellzeit auftragsdatum kaufdatum erstelltam
      datedecommande datecommande dateachat creele fechadepedido fechapedido fechadecompra fechacompra fechadecreacion
      dataordine`),
    not: listed("update modif refund cancel ship 发货 退款"),
  },
  refunded_amount: {
    holds: "money",
    names: listed(`
      refundedamount amountrefunded refundamount refundtotal totalrefunded refunded refund refunds returnedamount
      returns 退款金额 已退金额 退款总额 已退款金额 实退金额 退款 환불금액 返金額 返金 返品金額 erstattungsbetrag
      ruckerstattungsbetrag erstattet erstattung ruckerstattung retoure gutschrift montantrembourse remboursement
      rembourse importereembolsado reembolso reembolsado devolucion rimborso refundcents`),
    not: listed("reason status date time number id type 原因 状态 时间 单号 编号 日"),
  },
  source: {
    holds: "words",
    names: listed("source ordersource 来源 平台 platform plattform quelle plateforme plataforma"),
  },
  skus: {
    holds: "id",
    names: listed(`
      skus sellersku sku itemsku productsku productcode itemcode 商品编号 商品编码 货号 商品コード 商品番号 artikelnummer
      artikelnr referenceproduit codearticle codigoarticulo codigodeproducto артикул`),
    not: listed("quantity qty count units price name 件数 数量 数 价 名"),
  },
  refund_status: {
    holds: "words",
    names: listed(`
      refundstatus returnrefundstatus returnstatus 退款状态 售后状态 售后退款状态 返金状況 erstattungsstatus
      statutremboursement`),
    words: {
      made: listed(`
        completed complete success succeeded successful refunded approved refundapproved refundcompleted 退款成功 已退款
        售后完成 售后成功 退款完成 全额退款 部分退款 退货退款成功 退货成功 部分退款成功 成功 已完成 完成 返金済 返金済み erstattet rembourse`),
      under_way: listed(`
        pending processing requested refundrequested inprogress refunding 退款中 退款处理中 售后中 售后处理中 处理中 申请中
        退款申请中 申请退款 待退款 待商家处理 待买家处理 审核中 返金処理中`),
      not_made: listed(`
        failed failure denied rejected declined canceled cancelled none norefund 退款失败 退款关闭 退款取消 已取消 已拒绝 已关闭
        售后关闭 售后取消 无售后 无退款 未退款 未申请 无退款申请 没有退款申请 正常`),
    },
  },
  refunded_order_no: {
    holds: "id",
    names: listed(`
      referencetxnid originalorder originalorderid originalordernumber originaltransactionid originalreceipt
      originalreceiptnumber 原订单号 原单号 原交易单号 原交易号 原流水号 原小票号 原支付单号 関連取引id
      zugehorigertransaktionscode codedetransactiondereference`),
  },
  member_name: {
    holds: "text",
    names: listed(`
      customername membername buyername clientname 会员姓名 客户姓名 客户名称 姓名 顧客名 会員名 氏名 お名前
      kundenname nomclient nomduclient nombrecliente nombredelcliente nomecliente`),
  },
  row_type: {
    holds: "words",
    names: listed(`
      transactiontype eventtype rowtype recordtype type 交易类型 业务类型 单据类型 类型 取引区分 取引種別 種別 区分
      vorgangsart buchungsart belegart vorgang art typ typetransaction typedetransaction typeoperation operation tipo
      tipotransaccion tipodeoperacion`),
    words: {
      order: listed(`
        sale sales payment order purchase charge 销售 收款 交易 支付 消费 订单 売上 販売 購入 支払 注文 verkauf
        zahlung bestellung kauf vente paiement achat commande venta pago compra vendita expresscheckoutpayment
        websitepayment mobilepayment generalpayment shoppingcartpayment shoppingcartpaymentreceived paymentreceived
        webacceptpaymentreceived subscriptionpayment subscriptionpaymentreceived preapprovedpayment
        preapprovedpaymentbilluserpayment ebayauctionpayment auctionpaymentreceived directcreditcardpayment
        virtualterminalpayment paypalexpresszahlung websitezahlung handyzahlung allgemeinezahlung`),
      refund: listed(`
        refund return reversal 退款 退货 返金 返品 erstattung ruckerstattung retoure gutschrift remboursement retour
        avoir reembolso devolucion rimborso reso paymentrefund paymentreversal chargeback ruckzahlung`),
      // What moves on an account beside payments: such rows are left out of a profile's words, and passed over.
      neither: listed(`
        generalwithdrawal userinitiatedwithdrawal withdrawfundstoabankaccount generalcurrencyconversion
        currencyconversion bankdeposittoppaccount generalcreditcarddeposit paymenthold paymentrelease paymentreviewhold
        paymentreviewrelease accountholdforopenauthorization reversalofgeneralaccounthold generalauthorization
        authorization voidofauthorization holdonbalancefordisputeinvestigation cancellationofholdfordisputeresolution
        paymentfee partnerfee chargebackfee paypalbalanceadjustment debitcardpurchase payout fee transfer withdrawal
        提现 充值 手续费 转账 allgemeineabbuchung allgemeinewahrungsumrechnung`),
    },
  },
  refund_no: {
    holds: "id",
    names: listed("refundid refundno refundnumber 退款单号 退款编号 返金番号 erstattungsnummer numeroremboursement"),
  },
  quantity: {
    holds: "number",
    names: listed("quantity qty units 数量 件数 個数 menge anzahl stuckzahl quantite qte cantidad quantita"),
  },
  unit_price: {
    holds: "money",
    names: listed(`
      unitprice itemprice priceeach price 单价 单品价格 単価 einzelpreis stuckpreis preis prixunitaire prix preciounitario
      precio`),
  },
  currency: {
    holds: "words",
    names: listed("currency currencycode currencyiso ordercurrencycode 币种 货币 通貨 wahrung devise moneda valuta"),
  },
};
