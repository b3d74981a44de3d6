ALTER TABLE "withdrawal_request_keys" ALTER COLUMN "import_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "withdrawal_request_keys" ALTER COLUMN "line" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "withdrawal_request_keys" ADD CONSTRAINT "withdrawal_request_keys_origin" CHECK (("withdrawal_request_keys"."import_id" is null) = ("withdrawal_request_keys"."line" is null));