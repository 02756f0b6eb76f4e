WITH "__rows" AS (
  SELECT DISTINCT
    "products"."product_name" AS "__d0"
  FROM "products" AS "products"
)
SELECT
  "__d0" AS "product_name"
FROM "__rows"
ORDER BY
  "__d0" ASC
LIMIT 1000
