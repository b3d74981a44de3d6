import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { recordBatch } from "../../../src/domain/payouts/export.ts";
import { sendBatches, unsettledBatches } from "../../../src/domain/payouts/send.ts";
import { stripeProvider, type StripePatience } from "../../../src/domain/payouts/stripe-provider.ts";
import { verify } from "../../../src/verification/verify.ts";
import { ground } from "../../support/money/ground.ts";
import { FakeStripe, misbehaviours, type Behaviour } from "./fake-stripe.ts";
import { approvedWithdrawal, approvedWithdrawals, box, type PayeeFacts } from "./scene.ts";

const here = await ground();
const pay = here.as("cashier");
const impatient: StripePatience = { timeoutMs: 100, retryDelaysMs: [1, 2] };
/** For a server that behaves: however slow the machine is, it is waited for. */
const patient: StripePatience = { ...impatient, timeoutMs: 30_000 };

const providerOf = (
  fake: FakeStripe,
  changes: { key?: string; currency?: string; signal?: AbortSignal; patience?: StripePatience } = {},
) =>
  stripeProvider(
    { key: changes.key ?? fake.apiKey, apiBase: new URL(fake.url), currency: changes.currency ?? "cny" },
    changes.signal ?? pay.signal,
    changes.patience ?? impatient,
  );

let accounts = 0;
const newPayee = (): PayeeFacts => ({
  channel: "stripe",
  number: `acct_Member${(accounts += 1).toString().padStart(8, "0")}`,
});
const approved = (points: bigint) => approvedWithdrawal(here.db, points, newPayee());
const approvedAtOnce = (count: number) => approvedWithdrawals(here.db, 10n, Array.from({ length: count }, newPayee));

/** Records a batch of all that is approved, and sends it for the first time. */
async function send(fake: FakeStripe) {
  const provider = await providerOf(fake);
  const { batchNo } = await recordBatch(pay, box, provider, {});
  const [sent] = await sendBatches(pay, box, provider, [batchNo!], true);
  return { ...sent!, batchNo: batchNo! };
}
const again = async (fake: FakeStripe, batchNo: string, patience = impatient) =>
  (await sendBatches(pay, box, await providerOf(fake, { patience }), [batchNo]))[0]!;

const payouts = async (batchNo: string) =>
  here.db.sql<
    {
      detailNo: string;
      state: string;
      status: string;
      netFen: bigint;
      reason: string | null;
      channelRef: string | null;
    }[]
  >`
    SELECT d.detail_no, d.state, w.status, d.net_fen, d.reason, d.channel_ref FROM payout_details d
    JOIN withdrawals w ON w.member_id = d.member_id AND w.withdrawal_id = d.withdrawal_id WHERE d.batch_no = ${batchNo} ORDER BY d.row_no`;
const isSound = async () => (await verify(pay)).checks.filter(({ ok }) => !ok).map(({ name }) => name);

/** Settles a batch with a server that behaves: nothing of it may be unanswered in the end. */
async function settle(fake: FakeStripe, batchNo: string): Promise<void> {
  fake.behave = () => "fine";
  await fake.quiet();
  await again(fake, batchNo, patient);
  if ((await payouts(batchNo)).some(({ state }) => state === "unknown")) {
    // What a saved answer hides is known when the key is forgotten.
    await fake.forgetKeys();
    await again(fake, batchNo, patient);
  }
  expect((await payouts(batchNo)).filter(({ state }) => state !== "paid")).toEqual([]);
  expectPaidOnce(fake, await payouts(batchNo));
}

function expectPaidOnce(fake: FakeStripe, rows: Awaited<ReturnType<typeof payouts>>): void {
  const moved = fake.ledger
    .map(({ transfer_group: detailNo, amount, id }) => [detailNo, BigInt(amount), id])
    .toSorted();
  expect(moved).toEqual(rows.map(({ detailNo, netFen, channelRef }) => [detailNo, netFen, channelRef]).toSorted());
}

describe("a batch that is sent", () => {
  test("pays each withdrawal by a transfer of its net amount in fen, its detail number being the key, and burns the holds", async () => {
    const fake = await FakeStripe.forTest();
    const [one, two] = [await approved(100n), await approved(33n)];
    await approvedWithdrawal(here.db, 10n, { channel: "alipay" });
    const { batchNo, batch, conflicts } = await send(fake);
    expect(batch).toMatchObject({
      channel: "stripe",
      payer: "acct_platform0001 test cny",
      details: 2,
      totalFen: 12_635n,
      paid: 2,
      failed: 0,
      open: 0,
    });
    expect(batch.handedOverAt).not.toBeNull();
    expect(conflicts).toEqual([]);
    expect(
      fake.ledger.map(({ amount, currency, metadata }) => [amount, currency, metadata["withdrawal_no"]]).toSorted(),
    ).toEqual([
      [3_135, "cny", two.withdrawalNo],
      [9_500, "cny", one.withdrawalNo],
    ]);
    expect(fake.calls.filter(({ method }) => method === "POST").every(({ key, detailNo }) => key === detailNo)).toBe(
      true,
    );
    expectPaidOnce(fake, await payouts(batchNo));
    expect((await payouts(batchNo)).map(({ status }) => status)).toEqual(["paid", "paid"]);
    expect(await isSound()).toEqual([]);
  });

  test("is recorded and committed before the first transfer is asked for", async () => {
    const fake = await FakeStripe.forTest();
    await approved(20n);
    const seen: unknown[] = [];
    fake.behave = async ({ method, detailNo }): Promise<Behaviour> => {
      if (method === "POST")
        seen.push(
          ...(await here.db
            .sql`SELECT d.state, b.details FROM payout_details d JOIN payout_batches b USING (batch_no) WHERE detail_no = ${detailNo}`),
        );
      return "fine";
    };
    await send(fake);
    expect(seen).toEqual([{ state: "sent", details: 1 }]);
  });

  test("calls nobody twice when there is nothing to settle", async () => {
    const fake = await FakeStripe.forTest();
    await approved(20n);
    const { batchNo } = await send(fake);
    const calls = fake.calls.length;
    expect(await again(fake, batchNo)).toMatchObject({ batch: { paid: 1, open: 0 } });
    expect(fake.calls.slice(calls).map(({ path }) => path)).toEqual(["/v1/account"]);
    expect(await unsettledBatches(pay, await providerOf(fake))).toEqual([]);
  });
});

describe("what Stripe says for certain", () => {
  test.each<[code: string, state: string, status: string]>([
    ["account_closed", "failed", "failed"],
    ["insufficient_capabilities_for_transfer", "failed", "failed"],
    ["resource_missing", "failed", "failed"],
    ["something_new", "unknown", "paying"],
  ])(
    "%s: the payout is %s; only a code that is known to move no money releases the hold",
    async (code, state, status) => {
      const fake = await FakeStripe.forTest();
      await approved(20n);
      fake.behave = ({ method }) =>
        method === "POST"
          ? { status: 400, code, message: `No such destination: 'acct_Member${accounts.toString().padStart(8, "0")}'` }
          : "fine";
      const { batchNo } = await send(fake);
      expect(await payouts(batchNo)).toMatchObject([
        { state, status, reason: `${code}: No such destination: 'the account'` },
      ]);
      expect([fake.ledger, await isSound()]).toEqual([[], []]);
      if (state === "unknown") await settle(fake, batchNo);
    },
  );

  test("an empty balance fails the payouts that met it and stops: the rest is sent when it is topped up", async () => {
    const fake = await FakeStripe.forTest();
    await approvedAtOnce(12);
    fake.behave = ({ method }) =>
      method === "POST" ? { status: 400, code: "balance_insufficient", message: "Insufficient funds" } : "fine";
    await expect(send(fake)).rejects.toMatchObject({ kind: "refused", code: "stripe_balance_insufficient" });
    const [batchNo] = await unsettledBatches(pay, await providerOf(fake));
    const failed = (await payouts(batchNo!)).filter(({ state }) => state === "failed");
    expect(failed).toHaveLength(8);
    await expect(recordBatch(pay, box, await providerOf(fake), {})).rejects.toMatchObject({
      code: "payout_batch_not_handed_over",
      hint: expect.stringContaining("payout send --batch") as string,
    });
    fake.behave = () => "fine";
    expect(await again(fake, batchNo!)).toMatchObject({ batch: { paid: 4, failed: 8, open: 0 } });
    expect([fake.ledger.length, await isSound()]).toEqual([4, []]);
  });

  test("a key that Stripe refuses stops the batch before anything is recorded", async () => {
    const fake = await FakeStripe.forTest();
    await expect(providerOf(fake, { key: "sk_test_AnotherOne0002" })).rejects.toMatchObject({
      kind: "refused",
      code: "stripe_key_refused",
    });
    fake.behave = () => ({ status: 403, code: "more_permissions_required", message: "The key cannot read accounts" });
    await expect(providerOf(fake)).rejects.toMatchObject({ kind: "refused", code: "stripe_account_unreadable" });
    fake.behave = () => "silent_before";
    await expect(providerOf(fake)).rejects.toMatchObject({ kind: "busy", code: "stripe_silent" });
  });
});

describe("whatever the connection does", () => {
  test.each(misbehaviours)(
    "%s at every first attempt: nobody is paid twice, nothing is taken for failed, and all is paid in the end",
    async (behaviour) => {
      const fake = await FakeStripe.forTest();
      await approvedAtOnce(3);
      const met = new Set<string>();
      fake.behave = ({ method, detailNo }) =>
        method === "GET" || met.has(detailNo) ? "fine" : (met.add(detailNo), behaviour);
      const { batchNo } = await send(fake);
      expect((await payouts(batchNo)).filter(({ state }) => !["paid", "unknown"].includes(state))).toEqual([]);
      await settle(fake, batchNo);
    },
  );

  test.each(misbehaviours.filter((one) => one !== "fine" && one !== "slow"))(
    "%s at every attempt: all stay unknown with their holds, and one more run settles them",
    async (behaviour) => {
      const fake = await FakeStripe.forTest();
      await approvedAtOnce(3);
      fake.behave = ({ method }) => (method === "GET" ? "fine" : behaviour);
      const { batchNo } = await send(fake);
      expect((await payouts(batchNo)).map(({ state, status }) => [state, status])).toEqual([
        ["unknown", "paying"],
        ["unknown", "paying"],
        ["unknown", "paying"],
      ]);
      await settle(fake, batchNo);
    },
  );

  test("and all of that leaves books that add up", async () => expect(await isSound()).toEqual([]));

  test("a payout that is found is not sent again, even when Stripe has forgotten its key", async () => {
    const fake = await FakeStripe.forTest();
    await approved(10n);
    fake.behave = ({ method }) => (method === "POST" ? "silent_after" : "fine");
    const { batchNo } = await send(fake);
    await fake.forgetKeys();
    await settle(fake, batchNo);
    expect(fake.ledger).toHaveLength(1);
  });

  test("what cannot be asked is not sent: it may have been paid, and its key forgotten", async () => {
    const fake = await FakeStripe.forTest();
    await approved(10n);
    fake.behave = ({ method }) => (method === "POST" ? "silent_after" : "fine");
    const { batchNo } = await send(fake);
    await fake.forgetKeys();
    for (const behaviour of [
      "cut_before",
      "silent_before",
      "down",
      "garbage_after",
      { status: 400, code: "account_closed" },
    ] as const) {
      fake.behave = ({ path }) => (path === "/v1/transfers" ? behaviour : "fine");
      const before = fake.calls.length;
      await again(fake, batchNo);
      expect(fake.calls.slice(before).filter(({ method }) => method === "POST")).toEqual([]);
      expect(await payouts(batchNo)).toMatchObject([{ state: "unknown", status: "paying" }]);
    }
    await settle(fake, batchNo);
    expect(fake.ledger).toHaveLength(1);
  });

  test("a server that stays silent is not called for the rest", async () => {
    const fake = await FakeStripe.forTest();
    await approvedAtOnce(30);
    fake.behave = ({ method }) => (method === "POST" ? "cut_before" : "fine");
    await expect(send(fake)).rejects.toMatchObject({ kind: "busy", code: "stripe_silent" });
    const [batchNo] = await unsettledBatches(pay, await providerOf(fake));
    const states = (await payouts(batchNo!)).map(({ state }) => state);
    expect(states.filter((state) => state === "unknown").length).toBeLessThan(24);
    expect(states.filter((state) => state === "sent").length).toBeGreaterThan(6);
    await settle(fake, batchNo!);
    expect(fake.calls.filter(({ method }) => method === "POST").length).toBeGreaterThan(30);
  }, 30_000);

  test("told to stop, it records what was answered and calls no more", async () => {
    const fake = await FakeStripe.forTest();
    await approvedAtOnce(20);
    const stop = new AbortController();
    const context = { ...pay, signal: stop.signal };
    const provider = await providerOf(fake, { signal: stop.signal });
    const { batchNo } = await recordBatch(context, box, provider, {});
    fake.afterwards = () => void (fake.ledger.length === 3 && stop.abort(new Error("told to stop")));
    await expect(sendBatches(context, box, provider, [batchNo!], true)).rejects.toThrow("told to stop");
    const paid = (await payouts(batchNo!)).filter(({ state }) => state === "paid");
    expect(paid.length).toBe(fake.ledger.length);
    expect(paid.length).toBeLessThan(20);
    await settle(fake, batchNo!);
  });

  test("two runs at once settle the same batch, and everybody is paid once", async () => {
    const fake = await FakeStripe.forTest();
    await approvedAtOnce(10);
    fake.behave = ({ method, detailNo }) =>
      method === "GET" ? "fine" : Number(detailNo.slice(1)) % 2 === 0 ? "silent_after" : "silent_before";
    const { batchNo } = await send(fake);
    await fake.forgetKeys();
    fake.behave = () => "slow";
    const runs = await Promise.all([again(fake, batchNo), again(fake, batchNo)]);
    expect(runs.map(({ conflicts }) => conflicts)).toEqual([[], []]);
    await settle(fake, batchNo);
    expect(await isSound()).toEqual([]);
  });

  test("any sequence of misbehaviours, runs and forgotten keys pays everybody once", async () => {
    const behaviour = fc.constantFrom<Behaviour>(...misbehaviours);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.record({ create: behaviour, find: behaviour, forget: fc.boolean() }), { maxLength: 4 }),
        fc.array(behaviour, { minLength: 1, maxLength: 12 }),
        async (count, runs, first) => {
          const fake = await FakeStripe.start();
          try {
            await approvedAtOnce(count);
            let call = 0;
            fake.behave = ({ method }) => (method === "POST" ? first[call++ % first.length]! : "fine");
            const { batchNo } = await send(fake);
            for (const { create, find, forget } of runs) {
              if (forget) await fake.forgetKeys();
              fake.behave = ({ method, path }) =>
                method === "POST" ? create : path === "/v1/transfers" ? find : "fine";
              await again(fake, batchNo);
              expect((await payouts(batchNo)).filter(({ state }) => !["paid", "unknown"].includes(state))).toEqual([]);
              expect(new Set(fake.ledger.map((one) => one.transfer_group)).size).toBe(fake.ledger.length);
            }
            await settle(fake, batchNo);
          } finally {
            await fake.stop();
          }
        },
      ),
      { numRuns: 10 },
    );
    expect(await isSound()).toEqual([]);
  }, 120_000);
});

describe("what contradicts is for a person: listed, and nothing is changed", () => {
  test("the number has another payment at Stripe", async () => {
    const fake = await FakeStripe.forTest();
    await approved(10n);
    fake.behave = ({ method }) => (method === "POST" ? "silent_after" : "fine");
    const { batchNo } = await send(fake);
    fake.ledger.splice(0, 1, { ...fake.ledger[0]!, amount: 951 });
    fake.behave = () => "fine";
    expect(await again(fake, batchNo)).toMatchObject({
      conflictCount: 1,
      conflicts: [{ reason: "Stripe has it as tr_00000001, over 951 of the smallest unit of cny" }],
    });
    fake.ledger.splice(0, 1, { ...fake.ledger[0]!, amount: 950, destination: "acct_SomebodyElse" });
    expect(await again(fake, batchNo)).toMatchObject({
      conflicts: [{ reason: "Stripe has it as tr_00000001, to another account" }],
    });
    fake.ledger.splice(0, 1, {
      ...fake.ledger[0]!,
      destination: `acct_Member${accounts.toString().padStart(8, "0")}`,
      amount_reversed: 1,
    });
    expect(await again(fake, batchNo)).toMatchObject({
      conflicts: [{ reason: "Stripe has it as tr_00000001, and has taken back 1 of it" }],
    });
    fake.ledger.push({ ...fake.ledger[0]!, id: "tr_00000002" });
    expect(await again(fake, batchNo)).toMatchObject({
      conflicts: [{ reason: "Stripe has several transfers of it: tr_00000002, tr_00000001" }],
    });
    expect(await payouts(batchNo)).toMatchObject([{ state: "unknown", status: "paying" }]);
    fake.ledger.splice(0, 2, { ...fake.ledger[0]!, amount_reversed: 0 });
    await settle(fake, batchNo);
  });

  test("the key was used for other parameters", async () => {
    const fake = await FakeStripe.forTest();
    await approved(10n);
    fake.behave = ({ method }) =>
      method === "POST"
        ? {
            status: 400,
            type: "idempotency_error",
            message: "Keys for idempotent requests can only be used with the same parameters",
          }
        : "fine";
    const { batchNo, conflicts } = await send(fake);
    expect(conflicts).toMatchObject([
      { reason: expect.stringContaining("Stripe has this payout's number for another payment") as string },
    ]);
    expect(await payouts(batchNo)).toMatchObject([{ state: "sent", status: "paying" }]);
    await settle(fake, batchNo);
  });

  test("another account, mode or currency never goes on with a batch: it would find nothing, and pay twice", async () => {
    const fake = await FakeStripe.forTest();
    await approved(10n);
    fake.behave = ({ method }) => (method === "POST" ? "silent_after" : "fine");
    const { batchNo } = await send(fake);
    await expect(sendBatches(pay, box, await providerOf(fake, { currency: "hkd" }), [batchNo])).rejects.toMatchObject({
      kind: "refused",
      code: "payout_batch_otherwise_paid",
    });
    fake.accountId = "acct_another0002";
    await expect(again(fake, batchNo)).rejects.toMatchObject({
      code: "payout_batch_otherwise_paid",
      message: expect.stringContaining("acct_platform0001 test cny") as string,
    });
    fake.accountId = "acct_platform0001";
    await settle(fake, batchNo);
  });
});
