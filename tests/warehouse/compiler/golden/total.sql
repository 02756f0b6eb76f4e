WITH "__orders" AS (
  SELECT
    SUM("orders"."amount") AS "__m0",
    COUNT(*) AS "__m1",
    COUNT(CASE WHEN "orders"."status" = 'completed' THEN 1 END) AS "__m2"
  FROM "orders" AS "orders"
)
SELECT
  "__m0" AS "revenue",
  "__m1" AS "orders",
  "__m2" AS "completed_orders"
FROM "__orders"
LIMIT 1000
