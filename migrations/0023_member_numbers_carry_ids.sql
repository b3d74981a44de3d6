-- The key carries the id it leads to: an import looks a member up for each order, and need not open the table for it.
-- Drizzle knows no INCLUDE; the columns of the key stay what its schema says.
ALTER TABLE "member_numbers" DROP CONSTRAINT "member_numbers_pkey";--> statement-breakpoint
ALTER TABLE "member_numbers" ADD CONSTRAINT "member_numbers_pkey" PRIMARY KEY ("member_no") INCLUDE ("member_id");
