-- Turns the lookups that retail.py prepared into the tables of the demo. Every random choice is a hash of a row's own
-- number, so a row depends on nothing but its day: the same day gives the same rows on every machine and in every order.

-- The planner cannot guess how many rows a rolled number finds and would build its hash tables on the large side.
SET disabled_optimizers = 'join_order,build_side_probe_side';

CREATE OR REPLACE TEMP MACRO dice(id, key, sides) AS (hash((id * 89 + key)::BIGINT) % sides)::INTEGER;

-- products: every category sells each of its types in every series
CREATE TABLE products AS
WITH named AS (
  SELECT row_number() OVER (ORDER BY c.category_no, t.type_no, s.series_no)::INTEGER AS product_id,
    s.series || ' ' || t.type AS product_name, c.category, t.type AS product_type, c.cheapest, c.dearest, c.cost_percent
  FROM category c JOIN product_type t USING (category) CROSS JOIN series s
)
SELECT product_id, product_name, category, product_type,
  (SELECT brand FROM brand WHERE brand_no = dice(product_id, 1, (SELECT count(*) FROM brand))) AS brand,
  ((cheapest + (dearest - cheapest) * dice(product_id, 2, 100) * dice(product_id, 3, 100) // 10000) // 100 + 0.99)::DECIMAL(10, 2) AS list_price,
  (list_price * (cost_percent + dice(product_id, 4, 9) - 4) / 100)::DECIMAL(10, 2) AS unit_cost,
  DATE '2019-03-01' + dice(product_id, 5, 1700) AS launched_on
FROM named ORDER BY product_id;

-- stores: four shops a region and one online shop a country
CREATE TABLE stores AS
SELECT row_number() OVER (ORDER BY online, region_no, city)::INTEGER AS store_id,
  CASE WHEN online THEN 'Online Shop ' || country ELSE city || ' ' || ['Market', 'Riverside', 'Central', 'Park'][1 + dice(store_id, 1, 4)] END AS store_name,
  CASE WHEN online THEN 'Online' WHEN dice(store_id, 2, 6) = 0 THEN 'Flagship' WHEN dice(store_id, 2, 6) = 1 THEN 'Outlet' ELSE 'Standard' END AS store_type,
  city, region, country, CASE WHEN NOT online THEN 350 + 25 * dice(store_id, 3, 60) END AS floor_area_sqm,
  coalesce(opened_on, DATE '2008-01-15' + dice(store_id, 4, 5400)) AS opened_on
FROM place ORDER BY store_id;

-- customers: a steady number joins every day; some names are typed in capitals, some people are in twice
CREATE TABLE customers AS
WITH joined AS (SELECT range::INTEGER AS customer_id FROM range(1, (SELECT customers FROM span) + 1)),
person AS (SELECT *, CASE WHEN dice(customer_id, 1, 120) = 0 THEN customer_id - 1 ELSE customer_id END AS person FROM joined)
SELECT customer_id,
  CASE WHEN person <> customer_id THEN upper(f.name || ' ' || l.name) ELSE f.name || ' ' || l.name END AS customer_name,
  s.label AS segment, CASE WHEN customer_id % 7 = 0 THEN 'Gold' WHEN customer_id % 7 < 3 THEN 'Silver' ELSE 'Basic' END AS loyalty_tier,
  CASE WHEN dice(customer_id, 5, 40) <> 0 THEN 1948 + dice(person, 6, 58) END AS birth_year,
  (SELECT joined_from FROM span) + (customer_id // (SELECT joining_a_day FROM span))::INTEGER AS signed_up_on
FROM person
JOIN first_name f ON f.no = dice(person, 2, 50) JOIN last_name l ON l.no = dice(person, 3, 50)
JOIN slot s ON s.kind = 'segment' AND s.no = dice(customer_id, 4, 100)
ORDER BY customer_id;

CREATE TABLE promotions AS
SELECT promotion_id, promotion_name, category, discount_percent, starts_on, ends_on FROM campaign ORDER BY promotion_id;

-- cart: one row an order, before its lines; recent customers buy more often, every seventh is a regular
CREATE TEMP TABLE numbered AS SELECT day, day_no * 10000 + unnest(range(1, orders + 1)) AS order_id FROM day;

CREATE TEMP TABLE cart AS
WITH bought AS (
  SELECT *, (greatest(dice(order_id, 1, 100003), dice(order_id, 2, 100003))::BIGINT
    * ((day - (SELECT joined_from FROM span)) * (SELECT joining_a_day FROM span)) // 100003 + 1)::INTEGER AS drawn
  FROM numbered
),
buyer AS (SELECT *, CASE WHEN dice(order_id, 3, 4) = 0 AND drawn > 7 THEN drawn - drawn % 7 ELSE drawn END AS customer_id FROM bought)
SELECT b.order_id, b.day, b.customer_id,
  p.region, p.country, p.region_no, c.channel, b.day + to_hours(h.label::INTEGER) + to_seconds(dice(order_id, 6, 3600)) AS ordered_at,
  st.label AS status, pay.label AS payment_method, k.label::INTEGER AS lines
FROM buyer b
JOIN region_slot p ON p.no = dice(customer_id, 9, 100)
JOIN channel_slot c ON c.month = date_trunc('month', b.day) AND c.no = dice(order_id, 5, 1000)
JOIN slot h ON h.kind = 'hour' AND h.no = dice(order_id, 7, 100)
JOIN slot st ON st.kind = 'status' AND st.no = dice(order_id, 8, 10000)
JOIN slot pay ON pay.kind = 'payment' AND pay.no = dice(order_id, 10, 100)
JOIN slot k ON k.kind = 'basket' AND k.no = dice(order_id, 11, 100);

-- placed: orders with the shop that took them; a shop that was not open yet leaves them to the next one of its region
CREATE TEMP TABLE shop AS
SELECT *, (row_number() OVER (PARTITION BY region ORDER BY store_id) - 1)::INTEGER AS no FROM stores WHERE store_type <> 'Online';

CREATE TEMP TABLE placed AS
SELECT c.*, CASE WHEN channel <> 'Store' THEN o.store_id WHEN s.opened_on <= c.day THEN s.store_id ELSE f.store_id END AS store_id
FROM cart c
JOIN stores o ON o.store_type = 'Online' AND o.country = c.country
JOIN shop s ON s.region = c.region AND s.no = dice(order_id, 12, 4)
JOIN shop f ON f.region = c.region AND f.no = (s.no + 1) % 4;

-- line: which product, how many, at what price, under which sale
CREATE TEMP TABLE line AS
SELECT order_id, day, customer_id, region, channel, status, order_id * 10 + unnest(range(1, lines + 1)) AS order_line_id FROM placed;

CREATE TEMP TABLE chosen AS
SELECT l.order_line_id, l.order_id, l.day, l.region, l.channel, l.status, k.category_no,
  k.category_no * 72 + 1 + (least(dice(order_line_id, 2, 72), dice(order_line_id, 3, 72)) * 29 + 11 * k.category_no) % 72 AS product_id,
  q.label::INTEGER * CASE WHEN dice(customer_id, 4, 100) >= 94 THEN 3 ELSE 1 END AS quantity
FROM line l
JOIN category_slot k ON k.month = month(l.day) AND k.no = dice(order_line_id, 1, 1000)
JOIN slot q ON q.kind = 'quantity' AND q.no = dice(order_line_id, 4, 100);

-- story: the cells of data that went differently, spelled out so that lines find theirs by equality
CREATE TEMP TABLE story AS
SELECT d.day, p.product_id, r.region, c.channel, e.kept, e.returns, e.return_reason
FROM effect e
JOIN day d ON d.day BETWEEN e.first_day AND e.last_day
JOIN products p ON p.category = coalesce(e.category, p.category) AND p.product_name = coalesce(e.product, p.product_name)
JOIN (SELECT DISTINCT region FROM region_slot) r ON r.region = coalesce(e.region, r.region)
JOIN (SELECT DISTINCT channel FROM channel_slot) c ON c.channel = coalesce(e.channel, c.channel);

-- sold: what was bought, less what a story took away, with what comes back and when
CREATE TEMP TABLE sold AS
SELECT c.* EXCLUDE (region, channel, status, category_no), m.promotion_id, m.discount_percent, e.return_reason,
  c.status = 'completed' AND dice(order_line_id, 6, 1000) < 10 * coalesce(e.returns, g.returns_percent + CASE WHEN c.channel = 'Store' THEN 0 ELSE 3 END) AS comes_back,
  c.day + 3 + dice(order_line_id, 7, 26) AS returned_on
FROM chosen c
JOIN category g USING (category_no)
LEFT JOIN campaign_day m ON m.day = c.day AND m.category = g.category AND dice(order_line_id, 5, 100) < m.taken_percent
LEFT JOIN story e ON e.day = c.day AND e.product_id = c.product_id AND e.region = c.region AND e.channel = c.channel
WHERE dice(order_line_id, 8, 100) < coalesce(e.kept, 100);

-- price: list prices rise by three percent a year, costs by two
CREATE TEMP TABLE price AS
SELECT product_id, y.year, (floor(list_price * (100 + 3 * (y.year - 2024)) / 100) + 0.99)::DECIMAL(10, 2) AS unit_price,
  (unit_cost * (100 + 2 * (y.year - 2024)) / 100)::DECIMAL(10, 2) AS cost_each
FROM products CROSS JOIN (SELECT DISTINCT year(day) AS year FROM day) y;

-- order lines: the fact that most questions read; region is missing on some online orders
CREATE TABLE order_lines AS
SELECT s.order_line_id, s.order_id, s.day AS order_date, s.product_id, o.customer_id, o.store_id, s.promotion_id, o.channel, o.country,
  CASE WHEN o.channel = 'Store' OR dice(s.order_id, 13, 60) <> 0 THEN o.region END AS region, o.status, s.quantity, p.unit_price,
  (s.quantity * p.unit_price)::DECIMAL(12, 2) AS gross_amount,
  (gross_amount * coalesce(s.discount_percent, 0) / 100)::DECIMAL(12, 2) AS discount_amount,
  (gross_amount - discount_amount)::DECIMAL(12, 2) AS net_amount,
  (s.quantity * p.cost_each)::DECIMAL(12, 2) AS cost_amount,
  CASE WHEN s.comes_back AND s.returned_on <= (SELECT last_day FROM span) THEN s.quantity ELSE 0 END AS returned_quantity
FROM sold s
JOIN placed o USING (order_id)
JOIN price p ON p.product_id = s.product_id AND p.year = year(s.day)
ORDER BY order_line_id;

-- orders: loaded the night after, but for one day that came late
CREATE TABLE orders AS
SELECT order_id, day AS order_date, ordered_at, customer_id, store_id, channel, country,
  CASE WHEN channel = 'Store' OR dice(order_id, 13, 60) <> 0 THEN region END AS region, status, payment_method,
  day + INTERVAL 26 HOUR + to_days(CASE WHEN day = (SELECT late_day FROM span) THEN (SELECT late_by FROM span) ELSE 0 END) AS loaded_at
FROM placed SEMI JOIN sold USING (order_id) ORDER BY order_id;

CREATE TABLE returns AS
SELECT s.order_line_id AS return_id, s.order_line_id, s.returned_on AS return_date, s.quantity AS returned_units,
  l.net_amount AS refund_amount, coalesce(s.return_reason, r.label) AS reason
FROM sold s JOIN order_lines l USING (order_line_id)
JOIN slot r ON r.kind = 'reason' AND r.no = dice(order_line_id, 9, 100)
WHERE comes_back AND s.returned_on <= (SELECT last_day FROM span) ORDER BY return_date, return_id;

-- advertising: one row a day and channel
CREATE TABLE ad_spend AS SELECT day AS spent_on, ad_channel, amount::DECIMAL(10, 2) AS spend FROM ad_day ORDER BY day, ad_channel;

-- visit: a sample of visits of the last months, with how far each got
CREATE TEMP TABLE visit AS
WITH begun AS (
  SELECT day, day_no * 10000 + unnest(range(1, orders + 1)) AS visit_id FROM day, span, shopping s WHERE day > last_day - s.days::INTEGER
),
seen AS (
  SELECT visit_id, day, d.label AS device, c.label AS referrer, dice(visit_id, 23, 100) AS cart_roll,
    dice(visit_id, 24, 100) AS checkout_roll, dice(visit_id, 25, 100) AS paid_roll,
    day + to_hours(h.label::INTEGER) + to_seconds(dice(visit_id, 26, 3600)) AS looked_at
  FROM begun
  JOIN slot d ON d.kind = 'device' AND d.no = dice(visit_id, 20, 100)
  JOIN slot c ON c.kind = 'referrer' AND c.no = dice(visit_id, 21, 100)
  JOIN slot h ON h.kind = 'hour' AND h.no = dice(visit_id, 22, 100)
)
SELECT v.*, 1 + (cart_roll < cart)::INTEGER + (cart_roll < cart AND checkout_roll < checkout)::INTEGER
  + (cart_roll < cart AND checkout_roll < checkout
     AND paid_roll < CASE WHEN device = broken_device AND day >= broken_from THEN broken_paid ELSE paid END)::INTEGER AS steps
FROM seen v, shopping;

-- web events: one row for every step of a visit; some look at a second product on the way
CREATE TABLE web_events AS
SELECT visit_id * 10 + step AS event_id, visit_id, looked_at + to_seconds(CASE step WHEN 1 THEN 0 WHEN 5 THEN 25
    WHEN 2 THEN 40 + dice(visit_id, 27, 500) WHEN 3 THEN 600 + dice(visit_id, 28, 900) ELSE 1560 + dice(visit_id, 29, 400) END) AS happened_at,
  ['View product', 'Add to cart', 'Begin checkout', 'Pay', 'View product'][step] AS event_name, device, referrer
FROM (SELECT *, unnest(range(1, 6)) AS step FROM visit) WHERE step <= steps OR (step = 5 AND dice(visit_id, 30, 4) = 0)
ORDER BY happened_at, event_id;

RESET disabled_optimizers;
