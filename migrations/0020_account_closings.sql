CREATE TABLE "account_closings" (
	"business_date" date NOT NULL,
	"run_id" bigint NOT NULL,
	"account" text NOT NULL,
	"amount" bigint NOT NULL,
	CONSTRAINT "account_closings_pkey" PRIMARY KEY("business_date","run_id","account")
);
