import type { Archive } from "../../../history/attach-sql.ts";
import type { ArchivedPartition } from "../../../history/archive.ts";
import { formatInstant } from "../../../shared/business-date.ts";
import { formatBytes } from "../../../shared/bytes.ts";
import { formatYuan } from "../../../shared/money.ts";
import { figure, id, yuan, type Thing } from "../../fields.ts";

/** Orders and entries that were moved out of a partition. */
export const archive: Thing<Archive> = {
  fields: {
    archive_no: figure((one) => one.archiveNo, { heading: "archive", key: true }),
    first_id: id((one) => `${one.firstId}`),
    end_id: id((one) => `${one.endId}`),
    before: { of: (one) => one.beforeDate, label: "dates before" },
    until: { of: (one) => one.untilDate, label: "newest date" },
    orders: figure((one) => one.orders),
    entries: figure((one) => one.entries),
    points: figure((one) => one.availablePoints),
    contribution: yuan((one) => one.contributionFen),
    directory: { of: (one) => one.directory, keeps: "end", atLeast: 24 },
    manifest_sha256: id((one) => one.manifestSha256),
    host: { of: (one) => one.host },
    archived_by: {
      of: (one) => one.archivedBy,
      heading: "by",
      label: "archived by",
      fact: (one, zone) => `${one.archivedBy} at ${formatInstant(one.archivedAt, zone)}, on ${one.host}`,
    },
    archived_at: { of: (one) => one.archivedAt, heading: "archived" },
    attached_by: { of: (one) => one.attachedBy, heading: "attached by", rank: 2 },
    attached_at: { of: (one) => one.attachedAt },
  },
  columns: [
    "archive_no",
    "archived_at",
    "archived_by",
    "until",
    "orders",
    "entries",
    "points",
    "directory",
    "attached_by",
  ],
  facts: ["until", "orders", "entries", "points", "contribution", "archived_by"],
};

const leftTexts = { later_orders: "it has orders of later dates", nothing_over: "nothing in it is over" } as const;

const becameText = ({ left, newestDate, archiveNo, directory, bytes }: ArchivedPartition): string => {
  if (left !== null) return newestDate === null ? leftTexts[left] : `${leftTexts[left]}, up to ${newestDate}`;
  return archiveNo === null ? "would be archived" : `archive ${archiveNo}, ${formatBytes(bytes!)}: ${directory}`;
};

/** What became of a partition. */
export const archivedPartition: Thing<ArchivedPartition> = {
  fields: {
    first_id: figure((one) => one.firstId, { heading: "ids from" }),
    end_id: figure((one) => one.endId, { heading: "to below" }),
    orders: figure((one) => one.orders, { heading: "archived orders" }),
    entries: figure((one) => one.entries),
    points: figure((one) => one.availablePoints),
    contribution: { of: (one) => formatYuan(one.contributionFen) },
    until: { of: (one) => one.untilDate },
    staying: figure((one) => one.staying, { heading: "staying orders" }),
    newest_date: { of: (one) => one.newestDate },
    left: { of: (one) => one.left, heading: "what became of it", text: becameText },
    archive_no: figure((one) => one.archiveNo),
    directory: { of: (one) => one.directory },
    bytes: figure((one) => one.bytes),
  },
  columns: ["first_id", "end_id", "orders", "entries", "points", "staying", "left"],
};
