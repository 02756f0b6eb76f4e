WITH "__orders" AS (
  SELECT
    "customers"."country" AS "__d0",
    SUM(CASE WHEN "orders"."status" = 'completed' THEN "orders"."amount" END) AS "__m0"
  FROM "orders" AS "orders"
  LEFT JOIN "customers" AS "customers"
    ON "orders"."customer_id" = "customers"."customer_id"
  GROUP BY
    "customers"."country"
), "__returns" AS (
  SELECT
    "customers"."country" AS "__d0",
    SUM("returns"."refund_amount") AS "__m1"
  FROM "returns" AS "returns"
  LEFT JOIN "order_items" AS "order_items"
    ON "returns"."item_id" = "order_items"."item_id"
  LEFT JOIN "orders" AS "orders"
    ON "order_items"."order_id" = "orders"."order_id"
  LEFT JOIN "customers" AS "customers"
    ON "orders"."customer_id" = "customers"."customer_id"
  GROUP BY
    "customers"."country"
), "__together" AS (
  SELECT
    "__d0",
    COALESCE(MAX("__m0"), 0) AS "__m0",
    COALESCE(MAX("__m1"), 0) AS "__m1"
  FROM (
    SELECT
      "__d0",
      "__m0",
      NULL AS "__m1"
    FROM "__orders"
    UNION ALL
    SELECT
      "__d0",
      NULL AS "__m0",
      "__m1"
    FROM "__returns"
  ) AS "__rows"
  GROUP BY
    "__d0"
)
SELECT
  "__d0" AS "country",
  "__m0" - "__m1" AS "net_revenue"
FROM "__together"
ORDER BY
  "net_revenue" DESC,
  "country" ASC
LIMIT 1000
