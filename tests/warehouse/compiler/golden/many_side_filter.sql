WITH "__orders" AS (
  SELECT
    SUM("orders"."amount") AS "__m0"
  FROM "orders" AS "orders"
  WHERE
    EXISTS(
      SELECT
        1
      FROM "order_items" AS "order_items"
      LEFT JOIN "products" AS "products"
        ON "order_items"."product_id" = "products"."product_id"
      LEFT JOIN "categories" AS "categories"
        ON "products"."category_id" = "categories"."category_id"
      WHERE
        "order_items"."order_id" = "orders"."order_id"
        AND LOWER("categories"."category_name") = LOWER('Shoes')
    )
)
SELECT
  "__m0" AS "revenue"
FROM "__orders"
LIMIT 1000
