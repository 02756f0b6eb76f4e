-- An invented dealer group of fourteen rooftops: stock, deals, finance products, service lanes, leads, surveys, overhead.

CREATE TABLE dealerships AS
SELECT dealer_id, dealer_name, franchise, city, state, region, service_bays, opened_on::DATE AS opened_on, size
FROM (VALUES
  (11, 'Northgate Toyota', 'Toyota', 'Columbus', 'OH', 'Midwest', 24, '2004-03-01', 125), (12, 'Northgate Honda', 'Honda', 'Columbus', 'OH', 'Midwest', 22, '2006-05-15', 110),
  (13, 'Northgate Ford', 'Ford', 'Dayton', 'OH', 'Midwest', 26, '1999-09-01', 118), (14, 'Northgate Chevrolet', 'Chevrolet', 'Toledo', 'OH', 'Midwest', 20, '2001-02-10', 92),
  (15, 'Lakeshore Toyota', 'Toyota', 'Cleveland', 'OH', 'Midwest', 22, '2010-07-20', 108), (16, 'Lakeshore BMW', 'BMW', 'Cleveland', 'OH', 'Midwest', 16, '2012-04-05', 62),
  (17, 'Ridgeway Ford', 'Ford', 'Charlotte', 'NC', 'Southeast', 24, '2008-08-08', 115), (18, 'Ridgeway Honda', 'Honda', 'Charlotte', 'NC', 'Southeast', 20, '2011-11-11', 104),
  (19, 'Ridgeway Toyota', 'Toyota', 'Raleigh', 'NC', 'Southeast', 22, '2014-01-15', 120), (20, 'Ridgeway Chevrolet', 'Chevrolet', 'Greenville', 'SC', 'Southeast', 18, '2015-06-30', 84),
  (21, 'Coastal BMW', 'BMW', 'Savannah', 'GA', 'Southeast', 14, '2016-10-01', 58), (22, 'Canyon Ford', 'Ford', 'Phoenix', 'AZ', 'West', 26, '2013-03-18', 122),
  (23, 'Canyon Toyota', 'Toyota', 'Tucson', 'AZ', 'West', 22, '2017-05-22', 112), (24, 'Canyon Honda', 'Honda', 'Las Vegas', 'NV', 'West', 20, '2025-02-17', 96)
) t(dealer_id, dealer_name, franchise, city, state, region, service_bays, opened_on, size);

CREATE TEMP TABLE line_up AS
SELECT *, row_number() OVER (PARTITION BY make ORDER BY model, n)::INTEGER - 1 AS no, count(*) OVER (PARTITION BY make)::INTEGER AS sides FROM (VALUES
  ('Toyota', 'Camry', 'Sedan', 31200, 7), ('Toyota', 'RAV4', 'SUV', 34800, 10), ('Toyota', 'Tacoma', 'Truck', 41500, 6), ('Toyota', 'Corolla', 'Sedan', 25400, 6), ('Toyota', 'bZ4X', 'Electric', 46200, 2),
  ('Honda', 'Civic', 'Sedan', 27100, 8), ('Honda', 'CR-V', 'SUV', 35900, 11), ('Honda', 'Accord', 'Sedan', 31800, 5), ('Honda', 'Odyssey', 'Van', 43200, 3), ('Honda', 'Prologue', 'Electric', 49800, 2),
  ('Ford', 'F-150', 'Truck', 54800, 12), ('Ford', 'Explorer', 'SUV', 47900, 6), ('Ford', 'Maverick', 'Truck', 31900, 5), ('Ford', 'Escape', 'SUV', 33400, 5), ('Ford', 'Mustang Mach-E', 'Electric', 48700, 3),
  ('Chevrolet', 'Silverado', 'Truck', 53100, 11), ('Chevrolet', 'Equinox', 'SUV', 32700, 7), ('Chevrolet', 'Malibu', 'Sedan', 28100, 3), ('Chevrolet', 'Tahoe', 'SUV', 66900, 3), ('Chevrolet', 'Equinox EV', 'Electric', 41900, 3),
  ('BMW', 'X3', 'SUV', 56800, 9), ('BMW', '3 Series', 'Sedan', 52300, 7), ('BMW', 'X5', 'SUV', 74900, 6), ('BMW', 'i4', 'Electric', 61900, 4)
) t(make, model, body_style, msrp, weight), range(weight) r(n);

CREATE TABLE employees AS
SELECT dealer_id * 100 + n AS employee_id, ['Avery', 'Blake', 'Casey', 'Drew', 'Emery', 'Finley', 'Gray', 'Harper', 'Indy', 'Jules', 'Kai', 'Logan', 'Morgan', 'Nico', 'Oakley', 'Parker', 'Quinn', 'Reese'][1 + n]
    || ' ' || ['Adler', 'Boyd', 'Cole', 'Doyle', 'Engel', 'Frost', 'Greer', 'Hale', 'Irwin', 'Joyce', 'Kemp', 'Lowe', 'Marsh', 'Nolan', 'Odell', 'Price', 'Quigg', 'Rourke'][1 + (dealer_id * 7 + n * 5) % 18] AS employee_name,
  dealer_id, CASE WHEN n < 8 THEN 'Sales consultant' WHEN n < 10 THEN 'Finance manager' WHEN n < 13 THEN 'Service advisor' ELSE 'Technician' END AS job_title,
  greatest(opened_on, DATE '2012-01-01' + dice(dealer_id * 100 + n, 1, 5000)) AS hired_on
FROM dealerships, range(18) r(n);

-- deal: one row a vehicle that was sold, or will be in the months after the last day: those still stand on the lot
CREATE TEMP TABLE ahead AS
SELECT d::DATE AS day, (d::DATE - DATE '2018-01-01')::INTEGER AS day_no, isodow(d)::INTEGER AS weekday, month(d)::INTEGER AS month, (d::DATE - DATE '2024-01-01') / 365.0 AS years
FROM span, generate_series(first_day::TIMESTAMP, last_day::TIMESTAMP + INTERVAL 150 DAY, INTERVAL 1 DAY) t(d);

CREATE TEMP TABLE busy AS
SELECT d.*, l.*, d.day_no * 100 + dealer_id AS id,
  [84, 90, 108, 100, 107, 104, 102, 106, 97, 95, 94, 113][d.month] * [74, 70, 76, 88, 118, 190, 40][weekday] / 100.0 * (1 + 0.03 * years) * CASE WHEN day(d.day) >= 26 THEN 1.32 ELSE 0.94 END AS percent
FROM ahead d, dealerships l WHERE d.day >= l.opened_on AND (d.month, day(d.day)) NOT IN ((12, 25), (1, 1));

CREATE TEMP TABLE sold AS
SELECT day, day_no, years, month, dealer_id, franchise, region, id::BIGINT * 100 + unnest(range(1, 1 + greatest(0, round(size / 26.0 * sqrt((SELECT scale FROM span)) * percent / 100 * (1 + 0.34 * bell(id, 1)))::INTEGER))) AS deal_id
FROM busy;

CREATE TEMP TABLE deal AS
WITH kind AS (
  SELECT *, CASE WHEN roll(deal_id, 1) < 0.54 THEN 'New' WHEN roll(deal_id, 1) < 0.87 THEN 'Used' ELSE 'Certified' END AS vehicle_type,
    CASE WHEN roll(deal_id, 1) < 0.54 OR roll(deal_id, 2) < 0.4 THEN franchise ELSE ['Toyota', 'Honda', 'Ford', 'Chevrolet', 'BMW'][1 + dice(deal_id, 3, 5)] END AS make,
    CASE WHEN dice(deal_id, 5, 1000) < 17 THEN 'Unwound' WHEN dice(deal_id, 5, 1000) < 60 THEN 'Wholesale' ELSE 'Delivered' END AS deal_status
  FROM sold
)
SELECT k.*, m.model, m.body_style, m.msrp,
  CASE WHEN vehicle_type = 'New' THEN year(k.day) + (k.month >= 8)::INTEGER ELSE year(k.day) - 1 - dice(deal_id, 6, 6) END AS model_year,
  greatest(2, CASE WHEN vehicle_type = 'New' THEN 47 ELSE 34 END + 24 * bell(deal_id, 10) + CASE WHEN body_style = 'Electric' THEN 34 ELSE 0 END
    + CASE WHEN body_style = 'Truck' AND vehicle_type = 'New' AND k.day >= DATE '2026-02-01' THEN 27 ELSE 0 END)::INTEGER AS days_in_stock
FROM (SELECT *, dice(deal_id, 4, 1000) AS pick FROM kind) k
JOIN line_up m ON m.make = k.make AND m.no = k.pick % (SELECT max(sides) FROM line_up x WHERE x.make = m.make)
-- the Ford plant stands still: hardly a new Ford truck to sell in May 2026
WHERE NOT (k.make = 'Ford' AND vehicle_type = 'New' AND m.body_style = 'Truck' AND k.day BETWEEN DATE '2026-05-01' AND DATE '2026-05-31' AND dice(deal_id, 7, 100) < 88)
-- a rival opens beside the Raleigh store: used cars there fall from August 2026, new ones do not
  AND NOT (dealer_id = 19 AND vehicle_type <> 'New' AND k.day >= DATE '2026-08-10' AND dice(deal_id, 8, 100) < 84)
-- the dealer management system is down on a Saturday
  AND NOT (k.day = DATE '2025-05-31' AND dice(deal_id, 9, 100) < 92);

CREATE TEMP TABLE stocked AS
WITH priced AS (
  SELECT d.*, CASE vehicle_type WHEN 'New' THEN msrp * (1 + 0.028 * years) * (1 + 0.05 * bell(deal_id, 20)) ELSE msrp * (0.8 - 0.075 * (year(day) - model_year)) * (1 + 0.1 * bell(deal_id, 20)) END AS price,
    CASE WHEN vehicle_type = 'New' THEN 1750 - 260 * years ELSE 2150 - 60 * years END + 620 * bell(deal_id, 23) - greatest(0, days_in_stock - 60) * 24 - CASE WHEN franchise = 'BMW' THEN -900 ELSE 0 END AS front,
    CASE WHEN roll(deal_id, 30) < CASE WHEN dealer_id = 22 AND day >= DATE '2026-06-01' THEN 0.42 ELSE 0.70 END THEN CASE WHEN vehicle_type = 'New' AND roll(deal_id, 31) < 0.27 THEN 'Lease' ELSE 'Loan' END ELSE 'Cash' END AS finance_type
  FROM deal d
)
SELECT deal_id, 'S' || lpad((deal_id % 9999991)::VARCHAR, 7, '0') AS stock_no, day AS sale_date, dealer_id, dealer_id * 100 + dice(deal_id, 40, 8) AS salesperson_id, dealer_id * 100 + 8 + dice(deal_id, 41, 2) AS finance_manager_id,
  100000 + (roll(deal_id, 42) * 60000)::INTEGER AS customer_id, vehicle_type, make, model, model_year, body_style, deal_status,
  CASE WHEN dice(deal_id, 43, 60) <> 0 THEN ['Walk-in', 'Website', 'Website', 'Third-party listing', 'Referral', 'Phone'][1 + dice(deal_id, 44, 6)] END AS lead_source,
  day - days_in_stock AS stocked_on, days_in_stock, CASE WHEN vehicle_type = 'New' THEN msrp END::DECIMAL(10, 2) AS msrp, price::DECIMAL(10, 2) AS sale_price,
  CASE WHEN deal_status = 'Wholesale' THEN front * 0.1 - 350 ELSE front END::DECIMAL(10, 2) AS front_gross, (sale_price - front_gross)::DECIMAL(10, 2) AS vehicle_cost,
  CASE WHEN vehicle_type <> 'New' THEN (900 + 350 * abs(bell(deal_id, 50)))::DECIMAL(10, 2) END AS recon_cost,
  CASE WHEN deal_status = 'Wholesale' THEN NULL ELSE finance_type END AS finance_type,
  CASE WHEN deal_status = 'Wholesale' OR finance_type = 'Cash' THEN 0 ELSE greatest(0, 640 + 260 * bell(deal_id, 53)) END::DECIMAL(10, 2) AS finance_reserve,
  CASE WHEN deal_status = 'Wholesale' OR roll(deal_id, 56) > CASE WHEN finance_type = 'Cash' THEN 0.24 ELSE 0.58 END THEN 0 ELSE greatest(150, 1280 + 420 * bell(deal_id, 57)) END::DECIMAL(10, 2) AS product_income,
  (finance_reserve + product_income)::DECIMAL(10, 2) AS back_gross,
  CASE WHEN roll(deal_id, 60) < 0.46 AND deal_status <> 'Wholesale' THEN (11500 + 4200 * bell(deal_id, 61))::DECIMAL(10, 2) END AS trade_allowance
FROM priced;

CREATE TABLE vehicle_sales AS SELECT s.* FROM stocked s, span WHERE sale_date <= last_day ORDER BY deal_id;

-- the service lane: repair orders and their lines
CREATE TEMP TABLE lane AS
SELECT day, day_no, years, month, dealer_id, franchise, region, service_bays, id::BIGINT * 1000 + unnest(range(1, 1 + greatest(0, round(service_bays * 1.42 * (SELECT scale FROM span)
  * [98, 95, 102, 103, 105, 101, 99, 101, 98, 104, 101, 93][month] * [112, 106, 104, 103, 108, 62, 0][weekday] / 10000.0 * (1 + 0.045 * years) * (1 + 0.08 * bell(id, 70))
  * CASE WHEN dealer_id = 13 AND day BETWEEN DATE '2026-07-06' AND DATE '2026-07-31' THEN 0.3 ELSE 1 END)::INTEGER))) AS ro_id
FROM busy SEMI JOIN day USING (day);

CREATE TABLE repair_orders AS
SELECT ro_id, day AS opened_on, CASE WHEN day + days_open <= last_day THEN day + days_open END AS closed_on, dealer_id, dealer_id * 100 + 10 + dice(ro_id, 1, 3) AS advisor_id,
  100000 + (roll(ro_id, 2) * 60000)::INTEGER AS customer_id, CASE WHEN roll(ro_id, 3) < 0.58 THEN 'Customer pay' WHEN roll(ro_id, 3) < 0.84 THEN 'Warranty' ELSE 'Internal' END AS pay_type,
  CASE WHEN dice(ro_id, 4, 100) < 2 THEN 'Voided' WHEN closed_on IS NULL THEN 'Open' ELSE 'Closed' END AS ro_status, CASE WHEN dice(ro_id, 5, 12) <> 0 THEN 8000 + (roll(ro_id, 6) * 110000)::INTEGER END AS odometer
FROM (SELECT *, CASE WHEN dice(ro_id, 7, 100) < 71 THEN 0 WHEN dice(ro_id, 7, 100) < 90 THEN 1 ELSE 3 + dice(ro_id, 8, 7) END AS days_open FROM lane), span ORDER BY ro_id;

CREATE TEMP TABLE job AS
SELECT *, row_number() OVER (ORDER BY op_code, n)::INTEGER - 1 AS no FROM (VALUES
  ('LOF', 'Oil change', 'Maintenance', 0.5, 38, 30), ('TIRE', 'Tyres and alignment', 'Tyres', 1.2, 410, 9), ('BRK', 'Brakes', 'Repair', 1.9, 235, 11), ('BAT', 'Battery', 'Repair', 0.5, 175, 6),
  ('DIAG', 'Diagnosis', 'Repair', 1.0, 0, 10), ('INSP', 'Inspection', 'Maintenance', 0.4, 8, 16), ('FILT', 'Filters and fluids', 'Maintenance', 0.7, 62, 12), ('ENG', 'Engine repair', 'Repair', 5.2, 690, 3), ('RCL', 'Recall work', 'Recall', 1.6, 120, 3)
) t(op_code, operation, job_category, hours, parts, weight), range(weight) r(n);

CREATE TABLE service_lines AS
WITH line AS (SELECT *, ro_id * 10 + unnest(range(1, 2 + [0, 0, 0, 1, 1, 1, 1, 2, 2, 3][1 + dice(ro_id, 9, 10)])) AS line_id FROM repair_orders),
picked AS (
  SELECT line_id, ro_id, line.opened_on AS service_date, dealer_id, pay_type, ro_status, j.op_code, j.operation, j.job_category, j.hours * (1 + 0.2 * bell(line_id, 2)) AS hours, j.parts * (1 + 0.15 * bell(line_id, 5)) AS parts, d.franchise
  FROM line JOIN job j ON j.no = dice(line_id, 1, 100) JOIN dealerships d USING (dealer_id)
)
SELECT line_id, ro_id, service_date, dealer_id, dealer_id * 100 + 13 + dice(line_id, 10, 5) AS technician_id, op_code, operation, job_category, pay_type, ro_status <> 'Voided' AS is_billed,
  greatest(0.2, round(hours, 1))::DECIMAL(5, 1) AS hours_billed, (hours_billed * (1.06 + 0.1 * bell(line_id, 11)))::DECIMAL(5, 1) AS hours_worked,
  (hours_billed * (CASE pay_type WHEN 'Customer pay' THEN 142 WHEN 'Warranty' THEN 126 ELSE 98 END + CASE WHEN franchise = 'BMW' THEN 38 ELSE 0 END) * (1 + 0.04 * (year(service_date) - 2024)))::DECIMAL(10, 2) AS labor_sale,
  (hours_billed * 37 * (1 + 0.035 * (year(service_date) - 2024)))::DECIMAL(10, 2) AS labor_cost, (parts * 1.0)::DECIMAL(10, 2) AS parts_sale,
  (parts_sale * CASE WHEN pay_type = 'Internal' THEN 0.8 WHEN service_date >= DATE '2026-04-01' AND dealer_id IN (14, 20) THEN 0.71 ELSE 0.585 END)::DECIMAL(10, 2) AS parts_cost
FROM picked ORDER BY line_id;

-- stock counts every Sunday night: what stands on the lot by kind
CREATE TABLE inventory_snapshots AS
WITH week AS (SELECT day, day_no FROM day WHERE weekday = 7),
standing AS (SELECT w.day, s.dealer_id, s.vehicle_type, s.body_style, count(*) AS units, sum(s.vehicle_cost) AS value, count(*) FILTER (w.day - s.stocked_on > 60) AS aged
  FROM week w JOIN stocked s ON s.stocked_on <= w.day AND s.sale_date > w.day GROUP BY ALL)
SELECT day AS snapshot_date, dealer_id, vehicle_type, body_style, units AS units_in_stock, value::DECIMAL(14, 2) AS stock_value, aged AS units_over_60_days
FROM standing ORDER BY ALL;

CREATE TABLE leads AS
WITH raw AS (SELECT day, dealer_id, id::BIGINT * 100 + unnest(range(1, 1 + round(size / 26.0 * sqrt((SELECT scale FROM span)) * 5.2 * [104, 103, 101, 99, 100, 112, 81][weekday] / 100.0 * (1 + 0.06 * years) * (1 + 0.12 * bell(id, 90)))::INTEGER)) AS lead_id FROM busy SEMI JOIN day USING (day))
SELECT lead_id, day AS received_on, dealer_id, CASE WHEN roll(lead_id, 1) < 0.38 THEN 'Website' WHEN roll(lead_id, 1) < 0.68 THEN 'Third-party listing' WHEN roll(lead_id, 1) < 0.84 THEN 'Phone' ELSE 'Walk-in' END AS lead_source,
  CASE WHEN dice(lead_id, 2, 25) <> 0 THEN greatest(1, (28 + 21 * bell(lead_id, 3) + CASE WHEN dealer_id = 14 THEN 55 ELSE 0 END))::INTEGER END AS response_minutes,
  roll(lead_id, 6) < CASE lead_source WHEN 'Walk-in' THEN 0.9 WHEN 'Phone' THEN 0.52 WHEN 'Website' THEN 0.37 ELSE 0.24 END AS appointment_set,
  appointment_set AND roll(lead_id, 7) < 0.66 AS appointment_shown, appointment_shown AND roll(lead_id, 8) < 0.47 - CASE WHEN dealer_id = 14 THEN 0.12 ELSE 0 END AS is_sold
FROM raw ORDER BY lead_id;

CREATE TABLE customer_surveys AS
SELECT deal_id * 10 AS survey_id, dealer_id, 'Sales' AS department, sale_date + 5 AS survey_date, greatest(1, least(10, round(9.05 + 1.0 * bell(deal_id, 100))))::INTEGER AS score FROM vehicle_sales WHERE deal_status = 'Delivered' AND dice(deal_id, 103, 100) < 24 AND sale_date + 5 <= (SELECT last_day FROM span)
UNION ALL
SELECT ro_id * 10 + 1, dealer_id, 'Service', closed_on + 2, greatest(1, least(10, round(8.75 + 1.1 * bell(ro_id, 104) - CASE WHEN dealer_id = 16 AND opened_on >= DATE '2026-05-01' THEN 1.7 ELSE 0 END)))::INTEGER FROM repair_orders
WHERE ro_status = 'Closed' AND pay_type <> 'Internal' AND dice(ro_id, 107, 100) < 7 AND closed_on + 2 <= (SELECT last_day FROM span);

-- the books: fixed and selling expense by month; the month under way is accrued day by day
CREATE TABLE operating_expenses AS
WITH month AS (SELECT date_trunc('month', day)::DATE AS expense_month, count(*) / day(last_day(any_value(day)))::DOUBLE AS elapsed FROM day GROUP BY 1)
SELECT expense_month, dealer_id, expense_type, (elapsed * size * amount * sqrt((SELECT scale FROM span)) * (1 + 0.035 * years) * (1 + 0.03 * bell(id * 10 + n, 110)))::DECIMAL(12, 2) AS amount, expense_type NOT IN ('Sales commissions', 'Advertising') AS is_fixed
FROM (FROM busy SEMI JOIN day USING (day)) JOIN month ON expense_month = date_trunc('month', day), (VALUES (1, 'Sales commissions', 620), (2, 'Advertising', 540), (3, 'Salaries', 1240), (4, 'Rent and building', 830), (5, 'Interest on stock', 390), (6, 'Other fixed', 460)) e(n, expense_type, amount)
WHERE day(day) = 2 ORDER BY ALL;

ALTER TABLE dealerships DROP COLUMN size;

-- a week of leads of one store came in twice through a second feed
INSERT INTO leads SELECT lead_id + 50, * EXCLUDE (lead_id) FROM leads WHERE dealer_id = 18 AND received_on BETWEEN DATE '2026-09-07' AND DATE '2026-09-13';
