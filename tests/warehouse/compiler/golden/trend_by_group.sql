WITH "__orders" AS (
  SELECT
    CAST(DATE_TRUNC('MONTH', "orders"."ordered_at") AS DATE) AS "__t",
    "customers"."country" AS "__d0",
    SUM(CASE WHEN "orders"."status" = 'completed' THEN "orders"."amount" END) AS "__m0",
    COUNT(CASE WHEN "orders"."status" = 'completed' THEN 1 END) AS "__m1"
  FROM "orders" AS "orders"
  LEFT JOIN "customers" AS "customers"
    ON "orders"."customer_id" = "customers"."customer_id"
  GROUP BY
    CAST(DATE_TRUNC('MONTH', "orders"."ordered_at") AS DATE),
    "customers"."country"
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
    "__t",
    "__d0"
  FROM "__periods"
  CROSS JOIN (
    SELECT DISTINCT
      "__d0"
    FROM "__orders"
  ) AS "__groups"
), "__together" AS (
  SELECT
    "__t",
    "__d0",
    COALESCE(MAX("__m0"), 0) AS "__m0",
    COALESCE(MAX("__m1"), 0) AS "__m1"
  FROM (
    SELECT
      "__t",
      "__d0",
      "__m0",
      "__m1"
    FROM "__orders"
    UNION ALL
    SELECT
      "__t",
      "__d0",
      NULL AS "__m0",
      NULL AS "__m1"
    FROM "__every_period"
  ) AS "__rows"
  GROUP BY
    "__t",
    "__d0"
), "__results" AS (
  SELECT
    "__t" AS "__t",
    "__d0" AS "__d0",
    CAST("__m0" AS DOUBLE) / NULLIF("__m1", 0) AS "__v0"
  FROM "__together"
), "__orders_2" AS (
  SELECT
    "customers"."country" AS "__d0",
    COALESCE(SUM(CASE WHEN "orders"."status" = 'completed' THEN "orders"."amount" END), 0) AS "__m0",
    COUNT(CASE WHEN "orders"."status" = 'completed' THEN 1 END) AS "__m1"
  FROM "orders" AS "orders"
  LEFT JOIN "customers" AS "customers"
    ON "orders"."customer_id" = "customers"."customer_id"
  GROUP BY
    "customers"."country"
), "__overall" AS (
  SELECT
    "__d0",
    CAST("__m0" AS DOUBLE) / NULLIF("__m1", 0) AS "__total"
  FROM "__orders_2"
), "__places" AS (
  SELECT
    "__d0",
    ROW_NUMBER() OVER (ORDER BY "__total" DESC, "__d0" ASC) AS "__rank"
  FROM "__overall"
), "__ranked" AS (
  SELECT
    "__results"."__t",
    "__results"."__d0",
    "__results"."__v0",
    "__places"."__rank"
  FROM "__results"
  JOIN "__places"
    ON "__results"."__d0" IS NOT DISTINCT FROM "__places"."__d0"
)
SELECT
  "__t" AS "month",
  "__d0" AS "country",
  "__v0" AS "aov"
FROM "__ranked"
WHERE
  "__rank" <= 2
ORDER BY
  "month" ASC,
  "country" ASC
LIMIT 1000
