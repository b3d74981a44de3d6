/** Small files that are nasty in how their rows stand, by name; checked in under `fixtures/nasty`. */
const header = "order_no,member_no,merchant_code,amount,status,paid_at";
const tail = "paid,2026-02-01 10:00:00";
const lines = (...all: readonly string[]): string => `${all.join("\n")}\n`;

export const nastyStructures: Readonly<Record<string, string>> = {
  "empty.csv": "",
  "only-blanks.csv": "\n \n,,,\n",
  "header-only.csv": lines(header),
  "no-final-newline.csv": `${header}\nN1,M1,S1,1.00,${tail}`,
  "cr-only.csv": lines(header, `R1,M1,S1,1.00,${tail}`, `R2,M1,S1,2.00,${tail}`).replaceAll("\n", "\r"),
  "blank-lines.csv": lines("", header, "", `B1,M1,S1,1.00,${tail}`, "", "   ", ",,,,,", `B2,M1,S1,2.00,${tail}`, "", "", ",,,,,"),
  "ragged.csv": lines(header, `G1,M1,S1,1.00,${tail}`, "G2,M1,S1", `G3,M1,S1,1,000.00,${tail}`, `G4,M1,S1,1.00,${tail},`, `G5,M1,S1,1.00,${tail}`),
  "quotes.csv": lines(
    header, `"Q1","M1","S1","1,000.00","paid","2026-02-01 10:00:00"`, `Q2,M1,S1,2"50,${tail}`, `"Q3"x,M1,S1,1.00,${tail}`,
    `"Q4\nfurther",M1,S1,1.00,${tail}`, `Q5,M1,S1,5.00,${tail}`,
  ),
  "quote-left-open.csv": lines(header, `O1,M1,S1,1.00,${tail}`, `O2,"M1,S1,2.00,${tail}`, `O3,M1,S1,3.00,${tail}`),
  "huge-cell.csv": lines(header, `H1,${"M".repeat(40_000)},S1,1.00,${tail}`, `H2,M1,S1,2.00,${tail}`),
  "twice.csv": lines(
    header, `T1,M1,S1,1.00,${tail}`, `T1,M1,S1,1.00,${tail}`, `T1,M2,S1,1.00,${tail}`, `T1,M1,S2,1.00,${tail}`, `T1,M1,S1,1.01,${tail}`,
    "T1,M1,S1,1.00,pending,", `T1,M1,S1,1.00,closed,2026-02-01 10:00:00`,
  ),
  "totals-right.csv": lines(header, `A1,M1,S1,"1,000.50",${tail}`, `A2,M9,S1,2.00,${tail}`, "合计,,2笔,￥1002.50,,"),
  "totals-wrong.csv": lines(header, `W1,M1,S1,1.00,${tail}`, `W2,M1,S1,abc,${tail}`, "总计,,3笔,3.00,,"),
  "put-together.csv": lines(header, `P1,M1,S1,1.00,${tail}`, "合计,,1笔,1.00,,", header, `P2,M1,S1,2.00,${tail}`, "合计,,1笔,2.00,,"),
  "preamble.csv": lines("门店,朝阳店", "导出时间,2026-02-02 03:00:00", "", header, `E1,M1,S1,1.00,${tail}`),
  "semicolons.csv": lines(header, `S1,M1,S1,1.00,${tail}`).replaceAll(",", ";"),
  "tabs.csv": lines(header, `Y1,M1,S1,"1,000.00",${tail}`).replace(/,(?!000)/g, "\t"),
  "zeroed-ids.csv": lines(header, `408810236802001000,M1,S1,1.00,${tail}`, `408810236802002000,M1,S1,1.00,${tail}`, `"=""408810236802003000""",M1,S1,1.00,${tail}`),
  "totals-below-zero.csv": lines(header, `B1,M1,S1,5.00,${tail}`, `B2,M1,S1,-2.00,${tail}`, "合计,,2笔,3.00,,"),
};
