-- Twelve invented restaurants in three formats: guest checks, what was on them, deliveries, shifts, food used, waste.

CREATE TABLE locations AS
SELECT location_id, location_name, city, state, region, concept, seats, tables, patio, opened_on::DATE AS opened_on
FROM (VALUES
  (101, 'Bywater Austin South Lamar', 'Austin', 'TX', 'South', 'Bywater Grill', 124, 38, true, '2016-04-11'),
  (102, 'Bywater Dallas Uptown', 'Dallas', 'TX', 'South', 'Bywater Grill', 138, 42, true, '2017-09-02'),
  (103, 'Bywater Nashville Gulch', 'Nashville', 'TN', 'South', 'Bywater Grill', 112, 34, false, '2019-03-22'),
  (104, 'Bywater Chicago River North', 'Chicago', 'IL', 'Midwest', 'Bywater Grill', 146, 44, false, '2015-06-15'),
  (105, 'Bywater Columbus Short North', 'Columbus', 'OH', 'Midwest', 'Bywater Grill', 108, 33, true, '2021-05-07'),
  (106, 'Tallow & Pine Denver', 'Denver', 'CO', 'West', 'Tallow & Pine', 92, 28, true, '2018-10-19'),
  (107, 'Tallow & Pine Seattle', 'Seattle', 'WA', 'West', 'Tallow & Pine', 86, 26, false, '2019-11-08'),
  (108, 'Tallow & Pine Chicago West Loop', 'Chicago', 'IL', 'Midwest', 'Tallow & Pine', 96, 29, false, '2020-02-14'),
  (109, 'Corner Ladle Austin Airport', 'Austin', 'TX', 'South', 'Corner Ladle', 48, 18, false, '2018-01-29'),
  (110, 'Corner Ladle Denver Union', 'Denver', 'CO', 'West', 'Corner Ladle', 52, 19, false, '2019-07-01'),
  (111, 'Corner Ladle Seattle Pike', 'Seattle', 'WA', 'West', 'Corner Ladle', 44, 16, false, '2022-03-14'),
  (112, 'Corner Ladle Minneapolis', 'Minneapolis', 'MN', 'Midwest', 'Corner Ladle', 50, 18, false, '2025-03-03')
) t(location_id, location_name, city, state, region, concept, seats, tables, patio, opened_on);

-- menu: what a dish sells for in 2024, and what its recipe costs in percent of that
CREATE TABLE menu_items AS
SELECT item_id, item_name, menu_category, menu_price::DECIMAL(8, 2) AS menu_price,
  (menu_price * cost_pct / 100)::DECIMAL(8, 2) AS recipe_cost, popularity >= 0 AS is_active
FROM (VALUES
  (1, 'Charred Octopus', 'Starters', 15.5, 36, 6), (2, 'Roast Beet Salad', 'Starters', 12.0, 24, 14), (3, 'Smoked Wings', 'Starters', 13.5, 34, 30),
  (4, 'Corn Chowder', 'Starters', 9.0, 20, 24), (5, 'Burrata Toast', 'Starters', 14.0, 33, 26),
  (6, 'Dry-aged Burger', 'Mains', 18.5, 31, 26), (7, 'Ribeye 12 oz', 'Mains', 42.0, 41, 9), (8, 'Half Roast Chicken', 'Mains', 24.0, 27, 17),
  (9, 'Cedar Salmon', 'Mains', 29.0, 36, 12), (10, 'Mushroom Risotto', 'Mains', 21.0, 22, 11), (11, 'Brisket Plate', 'Mains', 25.5, 35, 14),
  (12, 'Fish Tacos', 'Mains', 17.0, 29, 11),
  (13, 'Butter Cake', 'Desserts', 10.0, 20, 40), (14, 'Chocolate Pot', 'Desserts', 9.0, 22, 35), (15, 'Seasonal Sorbet', 'Desserts', 7.5, 15, 25),
  (16, 'House Lager', 'Beer', 7.5, 22, 34), (17, 'Pale Ale', 'Beer', 8.5, 24, 22), (18, 'House Red', 'Wine', 11.5, 24, 16), (19, 'Sauvignon Blanc', 'Wine', 12.5, 26, 12),
  (20, 'Old Fashioned', 'Cocktails', 14.5, 19, 10), (21, 'Paloma', 'Cocktails', 13.5, 18, 6),
  (22, 'Tomato Soup Bowl', 'Soups & bowls', 11.5, 21, 28), (23, 'Chicken Noodle Bowl', 'Soups & bowls', 13.5, 25, 34), (24, 'Grain Bowl', 'Soups & bowls', 14.0, 27, 22),
  (25, 'Grilled Cheese', 'Soups & bowls', 9.5, 22, 16),
  (26, 'Fresh Lemonade', 'Soft drinks', 4.5, 14, 40), (27, 'Iced Tea', 'Soft drinks', 4.0, 9, 35), (28, 'Sparkling Water', 'Soft drinks', 5.0, 18, 25)
) t(item_id, item_name, menu_category, menu_price, cost_pct, popularity);

CREATE TEMP TABLE dish AS
SELECT course, item_id, row_number() OVER (PARTITION BY course ORDER BY item_id, n)::INTEGER - 1 AS no, count(*) OVER (PARTITION BY course)::INTEGER AS sides
FROM (VALUES ('start', 1, 3), ('start', 2, 7), ('start', 3, 15), ('start', 4, 12), ('start', 5, 13), ('main', 6, 26), ('main', 7, 9), ('main', 8, 17), ('main', 9, 12),
  ('main', 10, 11), ('main', 11, 14), ('main', 12, 11), ('sweet', 13, 40), ('sweet', 14, 35), ('sweet', 15, 25), ('drink', 16, 26), ('drink', 17, 16), ('drink', 18, 13),
  ('drink', 19, 9), ('drink', 20, 9), ('drink', 21, 6), ('drink', 26, 9), ('drink', 27, 7), ('drink', 28, 5), ('bowl', 22, 28), ('bowl', 23, 34), ('bowl', 24, 22),
  ('bowl', 25, 16), ('soft', 26, 40), ('soft', 27, 35), ('soft', 28, 25)) t(course, item_id, weight), range(weight) r(n);

CREATE TABLE employees AS
SELECT location_id * 100 + n AS employee_id, ['Alex', 'Bo', 'Cam', 'Dana', 'Eli', 'Fran', 'Gus', 'Hana', 'Ivy', 'Jo', 'Kit', 'Lee', 'Mia', 'Noor'][1 + n] || ' '
    || ['Abbott', 'Brandt', 'Castro', 'Dixon', 'Ellis', 'Fisk', 'Grady', 'Holt', 'Ibarra', 'Jensen', 'Kerr', 'Lund'][1 + (location_id + n * 5) % 12] AS employee_name,
  location_id, CASE WHEN n = 0 THEN 'Manager' WHEN n < 8 THEN 'Server' WHEN n < 12 THEN 'Cook' ELSE 'Host' END AS job,
  greatest(opened_on, DATE '2019-01-05' + dice(location_id * 100 + n, 1, 2600)) AS hired_on
FROM locations, range(14) r(n);

-- trade: how busy every restaurant is every day, in percent of its usual day
CREATE TEMP TABLE trade AS
SELECT d.*, l.location_id, l.concept, l.region, l.seats, l.tables, d.day_no * 1000 + l.location_id AS id,
  ([96, 97, 101, 102, 106, 103, 101, 98, 97, 101, 99, 110][d.month])
    * (CASE WHEN concept = 'Corner Ladle' THEN [112, 114, 116, 115, 112, 74, 57] ELSE [72, 78, 88, 98, 126, 142, 96] END)[weekday] / 100.0
    * (1 + 0.045 * years) * (1 + 0.05 * bell(day_no * 1000 + location_id, 1))
    * CASE WHEN patio AND d.month BETWEEN 5 AND 9 THEN 1.07 ELSE 1 END
    * CASE WHEN (d.month, day(d.day)) IN ((2, 14), (12, 31)) AND concept <> 'Corner Ladle' THEN 1.55 WHEN (d.month, day(d.day)) = (12, 24) THEN 0.6 ELSE 1 END
    * CASE WHEN location_id = 104 AND d.day BETWEEN DATE '2026-09-03' AND DATE '2026-09-27' THEN 0.06 ELSE 1 END
    * CASE WHEN d.day = DATE '2025-07-19' THEN 0.22 ELSE 1 END
    * CASE WHEN location_id = 112 AND d.day < DATE '2025-07-01' THEN 0.7 ELSE 1 END AS percent
FROM day d, locations l
WHERE d.day >= l.opened_on AND (d.month, day(d.day)) NOT IN ((12, 25), (1, 1)) AND NOT (concept = 'Tallow & Pine' AND weekday = 1);

CREATE TABLE trading_days AS
SELECT day AS business_date, location_id, CASE WHEN concept = 'Corner Ladle' THEN 10.5 WHEN weekday >= 5 THEN 12.0 ELSE 11.0 END::DECIMAL(4, 1) AS open_hours,
  (seats * open_hours)::DECIMAL(10, 1) AS available_seat_hours, tables AS tables_available,
  round(seats * CASE WHEN concept = 'Corner Ladle' THEN 1.25 ELSE 0.62 END * (SELECT scale FROM span) * percent / 100 * (1 + 0.07 * bell(id, 11)))::INTEGER AS forecast_covers
FROM trade WHERE day < DATE '2026-09-03' OR location_id <> 104 OR day > DATE '2026-09-27' OR percent > 0 ORDER BY business_date, location_id;

-- ticket: one row a check; takeaway and delivery carry no guest count, as no host ever seats them
CREATE TEMP TABLE numbered AS
SELECT t.day, t.day_no, t.years, t.weekday, t.month, location_id, concept, region, tables, id::BIGINT * 1000 + unnest(range(1, 2 + greatest(0, round(
  CASE concept WHEN 'Corner Ladle' THEN 43 WHEN 'Tallow & Pine' THEN 31 ELSE 38 END * (SELECT scale FROM span) * percent / 100)::INTEGER))) AS check_id
FROM trade t;

CREATE TEMP TABLE ticket AS
WITH typed AS (
  SELECT *, CASE WHEN roll(check_id, 1) < 0.11 + 0.028 * years + CASE WHEN concept = 'Corner Ladle' THEN 0.09 ELSE 0 END THEN 'Delivery'
    WHEN roll(check_id, 1) < 0.26 + 0.035 * years + CASE WHEN concept = 'Corner Ladle' THEN 0.28 ELSE 0 END THEN 'Takeaway' ELSE 'Dine in' END AS order_type,
    CASE WHEN concept = 'Corner Ladle' THEN CASE WHEN roll(check_id, 2) < 0.22 THEN 'Breakfast' WHEN roll(check_id, 2) < 0.80 THEN 'Lunch' ELSE 'Afternoon' END
      WHEN roll(check_id, 2) < CASE WHEN weekday >= 6 THEN 0.32 ELSE 0.27 END THEN 'Lunch' WHEN roll(check_id, 2) < 0.36 THEN 'Afternoon'
      WHEN roll(check_id, 2) < 0.91 THEN 'Dinner' ELSE 'Late night' END AS daypart
  FROM numbered
)
SELECT *, CASE daypart WHEN 'Breakfast' THEN 7 WHEN 'Lunch' THEN 11 WHEN 'Afternoon' THEN 15 WHEN 'Dinner' THEN 17 ELSE 21 END AS hour,
  CASE WHEN concept = 'Corner Ladle' THEN 1 + (dice(check_id, 3, 10) >= 7)::INTEGER WHEN daypart = 'Dinner' THEN [2, 2, 2, 2, 3, 3, 4, 4, 5, 6][1 + dice(check_id, 3, 10)]
    ELSE [1, 2, 2, 2, 2, 2, 3, 3, 4, 4][1 + dice(check_id, 3, 10)] END AS guests,
  CASE WHEN dice(check_id, 4, 1000) < 14 THEN 'Voided' WHEN dice(check_id, 4, 1000) < 17 THEN 'Training' ELSE 'Closed' END AS check_status
FROM typed
-- a delivery partner leaves the West, and only there: three in four delivery checks are gone from June 2026 on
WHERE NOT (order_type = 'Delivery' AND region = 'West' AND day BETWEEN DATE '2026-06-01' AND DATE '2026-08-16' AND dice(check_id, 5, 100) < 76);

CREATE TEMP TABLE chosen AS
WITH course AS (
  SELECT t.*, c.course, c.n, CASE c.course WHEN 'main' THEN greatest(1, guests - (c.n - 1)) WHEN 'bowl' THEN guests WHEN 'drink' THEN guests WHEN 'soft' THEN 1
    ELSE 1 + (guests > 3)::INTEGER END AS quantity
  FROM ticket t JOIN (VALUES ('bowl', 1, 'Corner Ladle', 100), ('soft', 2, 'Corner Ladle', 46), ('sweet', 3, 'Corner Ladle', 11), ('main', 1, 'Grill', 100), ('drink', 2, 'Grill', 72),
    ('start', 3, 'Grill', 44), ('sweet', 4, 'Grill', 27), ('main', 2, 'Grill', 0)) c(course, n, served, chance)
  ON c.served = CASE WHEN t.concept = 'Corner Ladle' THEN 'Corner Ladle' ELSE 'Grill' END
  WHERE dice(check_id, 20 + c.n, 100) < c.chance - CASE WHEN c.course IN ('drink', 'sweet') AND order_type <> 'Dine in' THEN c.chance * 0.7 ELSE 0 END
)
SELECT c.* EXCLUDE (sides, no), d.item_id, check_id * 10 + c.n AS check_item_id FROM (
  SELECT *, (SELECT max(sides) FROM dish x WHERE x.course = course.course) AS sides, dice(check_id, 30 + n, 100) AS no FROM course) c
JOIN dish d ON d.course = c.course AND d.no = c.no % d.sides;

-- prices rise every January; recipe costs follow, and beef jumps in March 2026
CREATE TEMP TABLE price AS
SELECT item_id, y.year, (round(menu_price * (1 + 0.038 * (y.year - 2024)) * 4) / 4)::DECIMAL(8, 2) AS unit_price, (recipe_cost * (1 + 0.03 * (y.year - 2024)))::DECIMAL(8, 2) AS cost_each
FROM menu_items, (SELECT DISTINCT year(day) AS year FROM day) y;

CREATE TABLE check_items AS
SELECT c.check_item_id, c.check_id, c.day AS business_date, c.location_id, c.item_id, c.quantity, p.unit_price, (c.quantity * p.unit_price)::DECIMAL(10, 2) AS item_sales,
  (c.quantity * p.cost_each * CASE WHEN c.item_id IN (6, 7, 11) AND c.day >= DATE '2026-03-01' THEN 1.32 ELSE 1 END)::DECIMAL(10, 2) AS theoretical_cost,
  CASE WHEN dice(c.check_item_id, 50, 400) = 0 THEN ['Wrong item', 'Cold food', 'Guest changed mind'][1 + dice(c.check_item_id, 51, 3)] END AS void_reason,
  c.check_status = 'Closed' AND void_reason IS NULL AS is_sold
FROM chosen c JOIN price p ON p.item_id = c.item_id AND p.year = year(c.day) ORDER BY check_item_id;

CREATE TEMP TABLE billed AS SELECT check_id, sum(item_sales) FILTER (void_reason IS NULL) AS amount FROM check_items GROUP BY check_id;

CREATE TABLE guest_checks AS
SELECT t.check_id, t.day AS business_date, t.location_id, t.day + to_hours(t.hour) + to_seconds(dice(t.check_id, 6, CASE WHEN t.daypart = 'Dinner' THEN 14400 ELSE 9000 END)) AS opened_at,
  CASE WHEN t.check_status <> 'Training' THEN opened_at + to_seconds(CASE t.order_type WHEN 'Dine in' THEN CASE WHEN concept = 'Corner Ladle' THEN 1500 ELSE 3300 END
    + (600 * abs(bell(t.check_id, 60)))::INTEGER + guests * 240 ELSE 700 + dice(t.check_id, 7, 900) END) END AS closed_at,
  t.daypart, t.order_type, CASE WHEN t.order_type = 'Dine in' THEN guests END AS guest_count,
  CASE WHEN t.order_type = 'Dine in' THEN t.location_id * 100 + 1 + dice(t.check_id, 8, 7) END AS server_id,
  coalesce(b.amount, 0)::DECIMAL(10, 2) AS gross_sales,
  (gross_sales * CASE WHEN dice(t.check_id, 9, 100) < 9 THEN 0.15 WHEN dice(t.check_id, 9, 100) < 11 THEN 0.5 ELSE 0 END)::DECIMAL(10, 2) AS comps_discounts,
  (gross_sales - comps_discounts)::DECIMAL(10, 2) AS net_sales, (net_sales * 0.0825)::DECIMAL(10, 2) AS sales_tax,
  CASE WHEN t.order_type = 'Dine in' AND t.check_status = 'Closed' THEN (net_sales * (0.17 + 0.02 * bell(t.check_id, 70)))::DECIMAL(10, 2) END AS tips, t.check_status
FROM ticket t LEFT JOIN billed b USING (check_id) ORDER BY t.check_id;

-- deliveries: minutes grow when one partner takes over in March 2026 and Friday nights are worst
CREATE TABLE deliveries AS
SELECT check_id, business_date, location_id, CASE WHEN dice(check_id, 80, 100) < 24 THEN 'Own drivers' WHEN dice(check_id, 80, 100) < 64 THEN 'QuickPlate' ELSE 'Doorstep' END AS delivery_partner,
  opened_at AS placed_at,
  CASE WHEN dice(check_id, 84, 100) >= 2 THEN placed_at + to_seconds((60 * (greatest(12, 33 + 7 * bell(check_id, 81) + CASE WHEN isodow(business_date) = 5 THEN 5 ELSE 0 END
    + CASE WHEN delivery_partner = 'QuickPlate' AND business_date >= DATE '2026-03-09' THEN 11 ELSE 0 END + CASE WHEN delivery_partner = 'Own drivers' THEN -4 ELSE 0 END)))::INTEGER) END AS delivered_at,
  round(epoch(delivered_at - placed_at) / 60, 1)::DECIMAL(6, 1) AS delivery_minutes, 40 AS promised_minutes,
  (net_sales * CASE delivery_partner WHEN 'Own drivers' THEN 0 WHEN 'QuickPlate' THEN 0.24 ELSE 0.27 END)::DECIMAL(10, 2) AS partner_commission,
  CASE WHEN dice(check_id, 82, 100) < 22 THEN greatest(1, least(5, round(5.3 - coalesce(delivery_minutes, 60) / 33.0 + 0.7 * bell(check_id, 90))))::INTEGER END AS rating
FROM guest_checks WHERE order_type = 'Delivery' AND check_status = 'Closed';

CREATE TABLE labor_shifts AS
WITH job AS (SELECT * FROM (VALUES ('Server', 3.3, 9.5, 1), ('Cook', 3.2, 19.0, 2), ('Dishwasher', 1.1, 15.5, 3), ('Host', 1.0, 14.5, 4), ('Shift manager', 1.0, 26.0, 5)) t(job_role, staff, wage, no))
SELECT t.id::BIGINT * 10 + no AS shift_id, t.day AS work_date, t.location_id, job_role,
  round(staff * CASE WHEN concept = 'Corner Ladle' THEN 3.6 ELSE 6.1 END * (0.62 + 0.38 * percent / 100) * scale
    * CASE WHEN concept = 'Corner Ladle' AND job_role = 'Host' THEN 0.25 ELSE 1 END, 1)::DECIMAL(8, 1) AS scheduled_hours,
  CASE WHEN location_id = 107 AND t.day = DATE '2026-02-18' THEN NULL ELSE round(scheduled_hours * (1 + 0.05 * bell(t.id * 10 + no, 20)
    + CASE WHEN location_id = 102 AND t.day >= DATE '2026-08-01' THEN 0.24 ELSE 0 END), 1) END::DECIMAL(8, 1) AS worked_hours,
  round(greatest(0, worked_hours - scheduled_hours * 1.02), 1)::DECIMAL(8, 1) AS overtime_hours,
  ((worked_hours + overtime_hours * 0.5) * wage * (1 + 0.035 * floor(years)))::DECIMAL(10, 2) AS labor_cost
FROM trade t, job, span;

-- what the stock counts say was used; more than recipes ask for, and every night one count a place
CREATE TABLE food_usage AS
WITH ideal AS (
  SELECT business_date, location_id, CASE WHEN menu_category IN ('Beer', 'Wine', 'Cocktails') THEN 'Alcohol' WHEN menu_category = 'Soft drinks' THEN 'Soft drinks' ELSE 'Food' END AS cost_group,
    sum(theoretical_cost) AS cost FROM check_items JOIN menu_items USING (item_id) WHERE is_sold GROUP BY ALL
)
SELECT business_date AS usage_date, location_id, cost_group, cost::DECIMAL(10, 2) AS theoretical_usage,
  (cost * (1.055 + 0.03 * bell((business_date - DATE '2018-01-01') * 1000 + location_id, 15) + CASE WHEN location_id = 105 AND cost_group = 'Alcohol' AND business_date >= DATE '2026-05-01' THEN 0.22 ELSE 0 END))::DECIMAL(10, 2) AS actual_usage
FROM ideal ORDER BY ALL;

CREATE TABLE waste_log AS
WITH noted AS (SELECT t.*, n, t.id::BIGINT * 10 + n AS waste_id FROM trade t, range(1, 6) r(n))
SELECT waste_id, day AS waste_date, location_id, ['Spoiled', 'Overproduction', 'Prep error', 'Dropped', 'Returned by guest'][1 + dice(waste_id, 1, 100) // 20] AS waste_reason,
  ['Produce', 'Protein', 'Dairy', 'Bakery', 'Prepared food'][1 + dice(waste_id, 2, 5)] AS waste_category,
  ((3 + 4.5 * abs(bell(waste_id, 3)) + CASE WHEN concept = 'Corner Ladle' AND weekday >= 6 AND waste_reason = 'Overproduction' THEN 21 ELSE 0 END) * (SELECT scale FROM span))::DECIMAL(8, 2) AS waste_cost
FROM noted WHERE dice(waste_id, 6, 100) < 72 ORDER BY waste_id;

CREATE TABLE guest_feedback AS
SELECT check_id AS feedback_id, check_id, business_date AS feedback_date, location_id,
  greatest(1, least(5, round(4.45 + 0.75 * bell(check_id, 101) - CASE WHEN location_id = 106 AND business_date >= DATE '2026-05-15' THEN 1.6 ELSE 0 END)))::INTEGER AS stars,
  CASE WHEN stars <= 3 THEN CASE WHEN location_id = 106 AND business_date >= DATE '2026-05-15' AND dice(check_id, 104, 10) < 7 THEN 'Slow service' ELSE ['Food quality', 'Slow service', 'Price', 'Noise', 'Order mistake'][1 + dice(check_id, 105, 5)] END END AS complaint_topic
FROM guest_checks WHERE order_type = 'Dine in' AND check_status = 'Closed' AND dice(check_id, 100, 100) < 8 ORDER BY check_id;

-- one night's file of one restaurant was loaded twice
INSERT INTO waste_log SELECT waste_id + 5, * EXCLUDE (waste_id) FROM waste_log WHERE location_id = 110 AND waste_date BETWEEN DATE '2026-10-12' AND DATE '2026-10-14';
