-- The one rounding rule, half up, as src/shared/rounding.ts has it. Inlined by the planner; integers only.
CREATE FUNCTION round_half_up(numerator bigint, denominator bigint) RETURNS bigint
  LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
  RETURN (2 * numerator + denominator) / (2 * denominator);
