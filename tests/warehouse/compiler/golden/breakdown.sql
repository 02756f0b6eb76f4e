WITH "__orders" AS (
  SELECT
    "regions"."territory" AS "__d0",
    COALESCE(SUM("orders"."amount"), 0) AS "__m0"
  FROM "orders" AS "orders"
  LEFT JOIN "customers" AS "customers"
    ON "orders"."customer_id" = "customers"."customer_id"
  LEFT JOIN "regions" AS "regions"
    ON "customers"."region_id" = "regions"."region_id"
  GROUP BY
    "regions"."territory"
)
SELECT
  "__d0" AS "territory",
  "__m0" AS "revenue"
FROM "__orders"
ORDER BY
  "revenue" DESC,
  "territory" ASC
LIMIT 3
