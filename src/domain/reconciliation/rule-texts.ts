/** What each rule of matching takes, in a line. None goes by amount and date alone. */
export const ruleTexts = {
  payout_no: "payouts whose numbers stand in the line and that come to its amount",
  channel_ref: "payouts that the channel knows by the line's number and that come to its amount",
  batch_no: "all payouts of a batch whose number stands in the line, if they come to its amount",
  collection: "a collection of the line's amount and account, by its number or reference",
  bill_no: "merchants' money for bills whose numbers stand in the line, if it comes to what is open of them",
  payer_account: "money from an account that is known of a merchant, if it comes to what is open of its bills",
  channel_fee: "money out that the channel calls its fee",
} as const;
