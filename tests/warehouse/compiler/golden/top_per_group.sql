WITH "__order_items" AS (
  SELECT
    "categories"."category_name" AS "__d0",
    "products"."product_name" AS "__d1",
    COALESCE(SUM("order_items"."quantity" * "order_items"."unit_price"), 0) AS "__m0"
  FROM "order_items" AS "order_items"
  LEFT JOIN "products" AS "products"
    ON "order_items"."product_id" = "products"."product_id"
  LEFT JOIN "categories" AS "categories"
    ON "products"."category_id" = "categories"."category_id"
  GROUP BY
    "categories"."category_name",
    "products"."product_name"
), "__results" AS (
  SELECT
    "__d0" AS "__d0",
    "__d1" AS "__d1",
    "__m0" AS "__v0"
  FROM "__order_items"
), "__ranked" AS (
  SELECT
    "__d0",
    "__d1",
    "__v0",
    ROW_NUMBER() OVER (PARTITION BY "__d0" ORDER BY "__v0" DESC, "__d0" ASC, "__d1" ASC) AS "__rank"
  FROM "__results"
)
SELECT
  "__d0" AS "category_name",
  "__d1" AS "product_name",
  "__v0" AS "item_revenue"
FROM "__ranked"
WHERE
  "__rank" <= 1
ORDER BY
  "category_name" ASC,
  "item_revenue" DESC,
  "product_name" ASC
LIMIT 1000
