import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { threeNights } from "../db/history/scene.ts";
import { testDatabase } from "../support/database.ts";
import { scratchDirectory } from "../support/files.ts";
import { transcript } from "../support/transcript.ts";

const database = await testDatabase();
await threeNights(database);
const cwd = scratchDirectory();
mkdirSync(join(cwd, "archives"));
const said = async (lines: readonly string[], now = "2026-02-22T04:00:00Z") =>
  (await transcript(lines, { database, cwd, now: new Date(now) }))
    .replaceAll(/-[0-9a-f]{8}\b/gu, "-<id>")
    // How small rows are packed is the packer's to say.
    .replaceAll(/\d\.\d KiB/gu, "<size>")
    .replaceAll(/"bytes":\d+/gu, '"bytes":<bytes>');

test("archive, look for what is archived, attach: as a person sees it", async () => {
  expect(
    await said([
      "accrue history archive --before 2026-02-21 --directory archives",
      "accrue history archive --before 2026-02-20 --directory archives --dry-run",
      "accrue history archive --before 2026-02-20 --directory archives",
      "accrue history archive --before 2026-02-20 --directory archives --yes",
      "accrue history archive --before 2026-02-20 --directory archives --yes",
      "accrue history list --fields archive_no,until,orders,archived_by,attached_by",
      "accrue order show A1",
      "accrue member show M1",
      "accrue member statement M1",
      "accrue merchant show S1 --orders",
      "accrue history attach 1 --dry-run",
      "accrue history attach 1",
      "accrue history attach 1",
      "accrue history attach one",
      "accrue history list --fields archive_no,until,orders,archived_by,attached_by",
    ]),
  ).toMatchInlineSnapshot(`
    "
    $ accrue history archive --before 2026-02-21 --directory archives
    ! error: Move what is over before 2026-02-21 into archives? Those orders can be read and changed again only when they are attached. A confirmation is needed, and there is no terminal to ask on
    ! hint: give --yes
    [exit 2]

    $ accrue history archive --before 2026-02-20 --directory archives --dry-run
    ids from  to below  archived orders  entries  points  staying orders  what became of it
           0  16000000                4        5     162               1  would be archived
    dry run: would archive 4 orders

    $ accrue history archive --before 2026-02-20 --directory archives
    ! error: Move what is over before 2026-02-20 into archives? Those orders can be read and changed again only when they are attached. A confirmation is needed, and there is no terminal to ask on
    ! hint: give --yes
    [exit 2]

    $ accrue history archive --before 2026-02-20 --directory archives --yes
    ids from  to below  archived orders  entries  points  staying orders  what became of it
           0  16000000                4        5     162               1  archive 1, <size>: <directory>/archives/accrue-history-0001-<id>
    archived 4 orders; keep the files, and a copy of them elsewhere

    $ accrue history archive --before 2026-02-20 --directory archives --yes
    ids from  to below  archived orders  entries  points  staying orders  what became of it
           0  16000000                0        0       0               1  nothing in it is over
    archived 0 orders

    $ accrue history list --fields archive_no,until,orders,archived_by,attached_by
    archive  until       orders  by      attached by
          1  2026-02-03       4  tester

    $ accrue order show A1
    ! error: order A1 is archived, in archive 1
    ! hint: \`accrue history attach 1\` brings it back, from <directory>/archives/accrue-history-0001-<id> on desk-1
    [exit 4]

    $ accrue member show M1
    Member M1
      name               名*
      status             active
      identity verified  yes, <time>
      password set       no
      registered         <time> by tester
      available          135 points
      held               50 points
      orders             2 archived, 1 paid (200.00 yuan net)
      open withdrawals   W00000001 (50 points)

    Latest points entries
    date        kind      explained by  available  held  available after  held after
    2026-02-03  archived                     +143     0              143           0
    2026-02-10  hold      W00000001           -50   +50               93          50
    2026-02-20  grant     B1                  +42     0              135          50
    all of them: accrue member statement M1

    Who did what when
    time                 operator  identity  host       action                  details
    <time>  tester    asserted  test-host  member.register         has_password=false
    <time>  setup     asserted  test       member.verify-identity

    $ accrue member statement M1
    Statement of member M1
    date        kind      explained by  available  held  available after  held after
    2026-02-03  archived                     +143     0              143           0
    2026-02-10  hold      W00000001           -50   +50               93          50
    2026-02-20  grant     B1                  +42     0              135          50

    now: 135 points available, 50 held

    $ accrue merchant show S1 --orders
    Merchant S1
      name               店S1
      status             active
      contribution rate  30% (the platform's)
      products           0
      orders             2 (240.00 yuan net), and 2 archived
      registered         <time> by setup

    Who did what when
    time                 operator  identity  host  action            details
    <time>  setup     asserted  test  merchant.approve

    $ accrue history attach 1 --dry-run
    dry run: archive 1 is whole, and can be attached
      newest date   2026-02-03
      orders        4
      entries       5
      points        162
      contribution  231.30
      archived by   tester at <time>, on desk-1

    $ accrue history attach 1
    attached archive 1 again; its files stay where they are
      newest date   2026-02-03
      orders        4
      entries       5
      points        162
      contribution  231.30
      archived by   tester at <time>, on desk-1

    $ accrue history attach 1
    ! error: archive 1 was attached again already, by tester
    ! hint: its orders and entries are where they were; nothing was changed
    [exit 4]

    $ accrue history attach one
    ! error: "one" is no number of an archive
    ! hint: \`accrue history list\` shows them
    [exit 2]

    $ accrue history list --fields archive_no,until,orders,archived_by,attached_by
    archive  until       orders  by      attached by
          1  2026-02-03       4  tester  tester
    "
  `);
});

test("as JSON", async () => {
  expect(
    await said([
      "accrue history archive --before 2026-02-20 --directory archives --yes --json",
      "accrue history list --json --limit 1",
      "accrue member show M1 --json --fields orders",
      "accrue history attach 2 --json",
    ]),
  ).toMatchInlineSnapshot(`
    "
    $ accrue history archive --before 2026-02-20 --directory archives --yes --json
    {"before":"2026-02-20","orders":4,"dry_run":false,"partitions":[{"first_id":0,"end_id":16000000,"orders":4,"entries":5,"points":162,"contribution":"231.30","until":"2026-02-03","staying":1,"newest_date":"2026-02-02","left":null,"archive_no":2,"directory":"<directory>/archives/accrue-history-0002-<id>","bytes":<bytes>}]}

    $ accrue history list --json --limit 1
    {"archive_no":2,"first_id":"0","end_id":"16000000","before":"2026-02-20","until":"2026-02-03","orders":4,"entries":5,"points":162,"contribution":"231.30","directory":"<directory>/archives/accrue-history-0002-<id>","manifest_sha256":"<sha256>","host":"desk-1","archived_by":"tester","archived_at":"<time>","attached_by":null,"attached_at":null}
    ! {"note":"more: --after 2"}

    $ accrue member show M1 --json --fields orders
    {"orders":{"pending":0,"paid":1,"closed":0,"archived":2}}

    $ accrue history attach 2 --json
    {"archive_no":2,"first_id":"0","end_id":"16000000","before":"2026-02-20","until":"2026-02-03","orders":4,"entries":5,"points":162,"contribution":"231.30","directory":"<directory>/archives/accrue-history-0002-<id>","manifest_sha256":"<sha256>","host":"desk-1","archived_by":"tester","archived_at":"<time>","attached_by":"tester","attached_at":"<time>","dry_run":false}
    "
  `);
});
