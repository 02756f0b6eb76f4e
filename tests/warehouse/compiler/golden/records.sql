WITH "__rows" AS (
  SELECT
    "customers"."customer_id" AS "__d0",
    "regions"."territory" AS "__d1"
  FROM "customers" AS "customers"
  LEFT JOIN "regions" AS "regions"
    ON "customers"."region_id" = "regions"."region_id"
  WHERE
    NOT EXISTS(
      SELECT
        1
      FROM "orders" AS "orders"
      WHERE
        "orders"."customer_id" = "customers"."customer_id"
        AND "orders"."ordered_at" >= CAST('2025-04-01 00:00:00' AS TIMESTAMP)
        AND "orders"."ordered_at" < CAST('2025-05-01 00:00:00' AS TIMESTAMP)
    )
)
SELECT
  "__d0" AS "customer_id",
  "__d1" AS "territory"
FROM "__rows"
ORDER BY
  "__d0" ASC,
  "__d1" ASC
LIMIT 200
