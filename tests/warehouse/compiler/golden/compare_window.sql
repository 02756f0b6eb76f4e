WITH "__orders" AS (
  SELECT
    "orders"."channel" AS "__d0",
    SUM("orders"."amount") AS "__m0"
  FROM "orders" AS "orders"
  WHERE
    "orders"."ordered_at" >= CAST('2025-04-01 00:00:00' AS TIMESTAMP)
    AND "orders"."ordered_at" < CAST('2025-05-01 00:00:00' AS TIMESTAMP)
  GROUP BY
    "orders"."channel"
), "__orders_prior" AS (
  SELECT
    "orders"."channel" AS "__d0",
    SUM("orders"."amount") AS "__p0"
  FROM "orders" AS "orders"
  WHERE
    "orders"."ordered_at" >= CAST('2025-03-01 00:00:00' AS TIMESTAMP)
    AND "orders"."ordered_at" < CAST('2025-04-01 00:00:00' AS TIMESTAMP)
  GROUP BY
    "orders"."channel"
), "__together" AS (
  SELECT
    "__d0",
    COALESCE(MAX("__m0"), 0) AS "__m0",
    COALESCE(MAX("__p0"), 0) AS "__p0"
  FROM (
    SELECT
      "__d0",
      "__m0",
      NULL AS "__p0"
    FROM "__orders"
    UNION ALL
    SELECT
      "__d0",
      NULL AS "__m0",
      "__p0"
    FROM "__orders_prior"
  ) AS "__rows"
  GROUP BY
    "__d0"
), "__figures" AS (
  SELECT
    "__d0" AS "__d0",
    "__m0" AS "__v0",
    "__p0" AS "__v0_prev"
  FROM "__together"
)
SELECT
  "__d0" AS "channel",
  "__v0" AS "revenue",
  "__v0_prev" AS "revenue.prev",
  "__v0" - "__v0_prev" AS "revenue.delta",
  CAST("__v0" - "__v0_prev" AS DOUBLE) / NULLIF(ABS("__v0_prev"), 0) AS "revenue.growth"
FROM "__figures"
ORDER BY
  "revenue" DESC,
  "channel" ASC
LIMIT 1000
