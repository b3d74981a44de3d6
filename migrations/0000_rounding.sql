-- The one rounding rule, half up, as src/shared/rounding.ts has it. Inlined by the planner; integers only.
CREATE FUNCTION round_half_up(numerator bigint, denominator bigint) RETURNS bigint
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN (2 * numerator + denominator) / (2 * denominator);
--> statement-breakpoint
-- An order's status only moves forward: pending, paid, closed.
CREATE FUNCTION order_status_rank(status text) RETURNS integer
  LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN status = 'pending' THEN 0 WHEN status = 'paid' THEN 1 WHEN status = 'closed' THEN 2 END;
