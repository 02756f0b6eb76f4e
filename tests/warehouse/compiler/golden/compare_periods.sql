WITH "__orders" AS (
  SELECT
    CAST(DATE_TRUNC('MONTH', "orders"."ordered_at") AS DATE) AS "__t",
    SUM("orders"."amount") AS "__m0"
  FROM "orders" AS "orders"
  GROUP BY
    CAST(DATE_TRUNC('MONTH', "orders"."ordered_at") AS DATE)
), "__orders_periods" AS (
  SELECT
    NULL AS "__t",
    NULL AS "__start",
    NULL AS "__end"
  WHERE
    FALSE
), "__orders_prior" AS (
  SELECT
    "__orders_periods"."__t" AS "__t",
    SUM("orders"."amount") AS "__p0"
  FROM "orders" AS "orders"
  JOIN "__orders_periods"
    ON "orders"."ordered_at" >= "__orders_periods"."__start"
    AND "orders"."ordered_at" < "__orders_periods"."__end"
  GROUP BY
    "__orders_periods"."__t"
), "__periods" AS (
  SELECT
    CAST(UNNEST(
      GENERATE_SERIES(
        CAST('2025-01-01 00:00:00' AS TIMESTAMP),
        CAST('2025-04-01 00:00:00' AS TIMESTAMP),
        INTERVAL '1' MONTH
      )
    ) AS DATE) AS "__t"
), "__every_period" AS (
  SELECT
    "__t"
  FROM "__periods"
  WHERE
    EXISTS(
      SELECT
        1
      FROM "__orders"
    )
    OR EXISTS(
      SELECT
        1
      FROM "__orders_prior"
    )
), "__together" AS (
  SELECT
    "__t",
    COALESCE(MAX("__m0"), 0) AS "__m0",
    COALESCE(MAX("__p0"), 0) AS "__p0"
  FROM (
    SELECT
      "__t",
      "__m0",
      NULL AS "__p0"
    FROM "__orders"
    UNION ALL
    SELECT
      "__t",
      NULL AS "__m0",
      "__p0"
    FROM "__orders_prior"
    UNION ALL
    SELECT
      "__t",
      NULL AS "__m0",
      NULL AS "__p0"
    FROM "__every_period"
  ) AS "__rows"
  GROUP BY
    "__t"
), "__figures" AS (
  SELECT
    "__t" AS "__t",
    "__m0" AS "__v0",
    CAST(NULL AS DOUBLE) AS "__v0_prev"
  FROM "__together"
)
SELECT
  "__t" AS "month",
  "__v0" AS "revenue",
  "__v0_prev" AS "revenue.prev",
  "__v0" - "__v0_prev" AS "revenue.delta",
  CAST("__v0" - "__v0_prev" AS DOUBLE) / NULLIF(ABS("__v0_prev"), 0) AS "revenue.growth"
FROM "__figures"
ORDER BY
  "month" ASC
LIMIT 1000
