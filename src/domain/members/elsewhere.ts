import { listed, type ColumnElsewhere } from "../../imports/guessing/names.ts";

/** What other systems call the columns of a list of members. */
export const membersElsewhere: Readonly<Record<string, ColumnElsewhere>> = {
  member_no: {
    holds: "id",
    names: listed(`
      memberno membernumber memberid customerno customernumber customerid loyaltyid cardnumber id 会员编号 会员卡号 会员id 卡号 客户编号
      客户号 用户id 会員番号 会員id 顧客番号 顧客id 회원번호 mitgliedsnummer mitgliedsnr kundennummer kundennr numeroclient numeroadherent
      numerocliente numerosocio codigocliente`),
  },
  name: {
    holds: "text",
    names: listed(`
      name fullname membername customername displayname 会员姓名 会员名称 客户姓名 客户名称 真实姓名 昵称 氏名 お名前 会員名 顧客名 이름 kundenname
      nom nomclient nombre nombrecompleto nomecompleto`),
    not: listed("user file shop store 店 商"),
  },
  email: {
    holds: "party",
    names: listed(
      "email emailaddress emailadresse mail 邮箱地址 电子邮箱 电子邮件 メールアドレス メール 이메일 courriel adressemail correo correoelectronico",
    ),
  },
  phone: {
    holds: "party",
    names: listed(`
      phone phonenumber mobile mobilenumber mobilephone cell telephone 手机 手机号码 电话 联系电话 会员手机 電話番号 携帯電話 전화번호 telefon
      telefonnummer handy portable telefono movil`),
  },
  identity_verified: {
    holds: "text",
    names: listed("verified identityverified kyc kycverified 是否实名 实名状态 本人確認済"),
  },
};
