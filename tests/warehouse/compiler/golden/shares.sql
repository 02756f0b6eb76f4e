WITH "__orders" AS (
  SELECT
    "orders"."channel" AS "__d0",
    COALESCE(SUM("orders"."amount"), 0) AS "__m0"
  FROM "orders" AS "orders"
  GROUP BY
    "orders"."channel"
), "__figures" AS (
  SELECT
    "__d0" AS "__d0",
    "__m0" AS "__v0"
  FROM "__orders"
), "__results" AS (
  SELECT
    "__d0" AS "__d0",
    "__v0" AS "__v0",
    CAST("__v0" AS DOUBLE) / NULLIF(SUM("__v0") OVER (), 0) AS "__v0_share",
    CASE WHEN NOT "__v0" IS NULL THEN RANK() OVER (ORDER BY "__v0" DESC) END AS "__v0_rank"
  FROM "__figures"
), "__kept" AS (
  SELECT
    "__d0",
    "__v0",
    "__v0_share",
    "__v0_rank"
  FROM "__results"
  WHERE
    "__v0" > 10
)
SELECT
  "__d0" AS "channel",
  "__v0" AS "revenue",
  "__v0_share" AS "revenue.share",
  "__v0_rank" AS "revenue.rank"
FROM "__kept"
ORDER BY
  "revenue" DESC,
  "channel" ASC
LIMIT 1000
