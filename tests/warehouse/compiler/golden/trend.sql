WITH "__orders" AS (
  SELECT
    CAST(DATE_TRUNC('MONTH', "orders"."ordered_at") AS DATE) AS "__t",
    SUM("orders"."amount") AS "__m0"
  FROM "orders" AS "orders"
  GROUP BY
    CAST(DATE_TRUNC('MONTH', "orders"."ordered_at") AS DATE)
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
), "__together" AS (
  SELECT
    "__t",
    COALESCE(MAX("__m0"), 0) AS "__m0"
  FROM (
    SELECT
      "__t",
      "__m0"
    FROM "__orders"
    UNION ALL
    SELECT
      "__t",
      NULL AS "__m0"
    FROM "__every_period"
  ) AS "__rows"
  GROUP BY
    "__t"
)
SELECT
  "__t" AS "month",
  "__m0" AS "revenue"
FROM "__together"
ORDER BY
  "month" ASC
LIMIT 1000
