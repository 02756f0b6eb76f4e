-- An invented regional bank: loans month by month, deposits, card payments, applications, alerts, liquidity, the books.

CREATE TABLE branches AS
SELECT branch_id, branch_name, city, region, CASE WHEN branch_id = 20 THEN 'Digital' WHEN branch_id % 4 = 0 THEN 'Business centre' ELSE 'Retail branch' END AS branch_type, opened_on::DATE AS opened_on, size FROM (VALUES
  (1, 'Harbour Quay', 'Portland', 'Coast', '1996-02-01', 10), (2, 'Old Market', 'Portland', 'Coast', '1988-05-12', 8), (3, 'Seaview', 'Astoria', 'Coast', '2003-09-09', 5), (4, 'Coast Business Centre', 'Portland', 'Coast', '2009-01-19', 9),
  (5, 'Valley Central', 'Salem', 'Valley', '1992-07-07', 9), (6, 'Mill Street', 'Salem', 'Valley', '2001-03-30', 6), (7, 'College Town', 'Eugene', 'Valley', '1999-08-23', 7), (8, 'Valley Business Centre', 'Eugene', 'Valley', '2011-11-01', 7),
  (9, 'High Desert', 'Bend', 'Inland', '2006-04-04', 6), (10, 'Pine Ridge', 'Redmond', 'Inland', '2012-06-18', 4), (11, 'Eastgate', 'Boise', 'Inland', '2008-10-10', 7), (12, 'Inland Business Centre', 'Boise', 'Inland', '2014-02-24', 6),
  (13, 'Northbank', 'Vancouver', 'North', '1997-12-01', 8), (14, 'Tacoma Avenue', 'Tacoma', 'North', '2000-01-17', 8), (20, 'Harbour Direct', NULL, 'Online', '2016-09-01', 26)
) t(branch_id, branch_name, city, region, opened_on, size);

CREATE TEMP TABLE branch_slot AS SELECT branch_id, row_number() OVER (ORDER BY branch_id, n)::INTEGER - 1 AS no, sum(1) OVER ()::INTEGER AS sides FROM branches, range(size) r(n);

CREATE TABLE customers AS
WITH c AS (SELECT 50000 + n AS customer_id FROM span, range((42000 * sqrt(scale))::BIGINT) r(n))
SELECT customer_id::INTEGER AS customer_id, CASE WHEN roll(customer_id, 1) < 0.62 THEN 'Mass retail' WHEN roll(customer_id, 1) < 0.84 THEN 'Affluent' WHEN roll(customer_id, 1) < 0.96 THEN 'Small business' ELSE 'Mid-market' END AS segment,
  (SELECT branch_id FROM branch_slot s WHERE s.no = 0) AS branch_id, DATE '2012-01-03' + (roll(customer_id, 3) * 5430)::INTEGER AS customer_since, CASE WHEN dice(customer_id, 4, 50) <> 0 THEN ['18-29', '30-44', '30-44', '45-59', '45-59', '60+'][1 + dice(customer_id, 5, 6)] END AS age_band,
  ['Branch', 'Branch', 'Online', 'Online', 'Broker', 'Referral', 'Campaign'][1 + dice(customer_id, 6, 7)] AS acquisition_channel, CASE WHEN roll(customer_id, 7) < 0.9 THEN 'Standard' WHEN roll(customer_id, 7) < 0.98 THEN 'Elevated' ELSE 'High' END AS kyc_risk_rating,
  CASE WHEN dice(customer_id, 8, 100) < 6 THEN NULL ELSE DATE '2025-01-10' + dice(customer_id, 9, 900) END AS kyc_review_due
FROM c;
UPDATE customers SET branch_id = s.branch_id FROM branch_slot s WHERE s.no = dice(customer_id, 2, 126) % s.sides;
-- what nobody sees: every day some join; those who joined after the last day are not customers yet
DELETE FROM customers USING span WHERE customer_since > last_day;

CREATE TEMP TABLE product AS FROM (VALUES
  ('Mortgage', 1, 30, 265000, 5.1, 0.0011, 0.18, 0.9), ('Auto loan', 2, 22, 27500, 7.4, 0.0032, 0.42, 2.2), ('Personal loan', 3, 24, 14200, 11.9, 0.0062, 0.68, 4.5), ('Credit card', 4, 14, 6200, 21.4, 0.0078, 0.78, 6.0), ('Small business loan', 5, 10, 118000, 8.6, 0.0048, 0.46, 2.6)
) t(product_type, product_no, weight, amount, rate, default_odds, lgd, provision_pct);
CREATE TEMP TABLE product_slot AS SELECT product_no, row_number() OVER (ORDER BY product_no, n)::INTEGER - 1 AS no FROM product, range(weight) r(n);

CREATE TABLE loans AS
WITH raw AS (SELECT 700000 + n AS loan_id FROM span, range((36000 * scale)::BIGINT) r(n)),
picked AS (SELECT r.*, p.*, DATE '2016-01-04' + (3974 * roll(loan_id, 2) ** 0.72)::INTEGER AS originated_on, 50000 + (roll(loan_id, 3) * 41990 * (SELECT sqrt(scale) FROM span))::INTEGER AS customer_id FROM raw r JOIN product_slot s ON s.no = dice(loan_id, 1, 100) JOIN product p USING (product_no)),
graded AS (SELECT k.*, ['A', 'A', 'B', 'B', 'B', 'C', 'C', 'D', 'D', 'E'][1 + dice(loan_id, 4, 10)] AS risk_grade, CASE WHEN dice(loan_id, 5, 100) < 34 THEN 'Branch' WHEN dice(loan_id, 5, 100) < 66 THEN 'Online' WHEN dice(loan_id, 5, 100) < 88 THEN 'Broker' ELSE 'Partner' END AS origination_channel FROM picked k)
SELECT loan_id::INTEGER AS loan_id, g.customer_id, c.branch_id, product_type, originated_on, origination_channel, risk_grade, (amount * (0.35 + 1.3 * roll(loan_id, 6)))::DECIMAL(12, 2) AS original_amount,
  CASE product_no WHEN 1 THEN 300 WHEN 2 THEN 60 WHEN 3 THEN 48 WHEN 4 THEN NULL ELSE 84 END AS term_months, round(rate + CASE risk_grade WHEN 'A' THEN -0.9 WHEN 'B' THEN 0 WHEN 'C' THEN 1.1 WHEN 'D' THEN 2.4 ELSE 4.1 END + 0.3 * bell(loan_id, 7), 2)::DECIMAL(5, 2) AS interest_rate,
  CASE WHEN product_no = 1 THEN round(68 + 12 * bell(loan_id, 10), 1) END::DECIMAL(5, 1) AS loan_to_value_pct
FROM graded g JOIN customers c ON c.customer_id = g.customer_id AND c.customer_since <= originated_on + 3000 ORDER BY loan_id;

CREATE TEMP TABLE month_end AS
SELECT *, row_number() OVER (ORDER BY month_end)::INTEGER AS month_no
FROM (SELECT (date_trunc('month', day) + INTERVAL 1 MONTH - INTERVAL 1 DAY)::DATE AS month_end, min(day_no) AS no FROM day GROUP BY 1) SEMI JOIN day ON day = month_end;

-- when a loan stops being paid: the odds of each month by product, grade and what happened to whom; it began long before
CREATE TEMP TABLE test_month AS
SELECT m::DATE AS month_end, row_number() OVER (ORDER BY m)::INTEGER AS month_no FROM span, generate_series(TIMESTAMP '2022-01-31', last_day::TIMESTAMP, INTERVAL 1 MONTH) t(d), LATERAL (SELECT last_day(d) AS m) WHERE m <= span.last_day;

CREATE TEMP TABLE broken AS
SELECT loan_id, min(month_end) AS defaulted_on FROM loans l JOIN product p USING (product_type) JOIN test_month m ON m.month_end > l.originated_on + 60
WHERE roll(l.loan_id::BIGINT * 1000 + m.month_no, 20) < default_odds * CASE risk_grade WHEN 'A' THEN 0.3 WHEN 'B' THEN 0.7 WHEN 'C' THEN 1.2 WHEN 'D' THEN 2.2 ELSE 3.6 END
  * CASE WHEN product_type = 'Personal loan' AND origination_channel = 'Broker' AND l.originated_on >= DATE '2025-06-01' THEN 6.5 ELSE 1 END
  * CASE WHEN product_type = 'Small business loan' AND m.month_end BETWEEN DATE '2026-04-01' AND DATE '2026-06-30' AND branch_id IN (9, 10, 11, 12) THEN 13 ELSE 1 END
GROUP BY loan_id;

CREATE TABLE loan_balances AS
WITH held AS (
  SELECT l.*, p.lgd, p.provision_pct, m.month_end, m.month_no, m.no, b.defaulted_on, date_diff('month', originated_on, m.month_end) AS age, l.loan_id::BIGINT * 1000 + m.month_no AS id
  FROM loans l JOIN product p USING (product_type) JOIN month_end m ON m.month_end >= l.originated_on LEFT JOIN broken b USING (loan_id)
  WHERE (term_months IS NULL OR date_diff('month', originated_on, m.month_end) < term_months) AND (b.defaulted_on IS NULL OR m.month_end < b.defaulted_on + INTERVAL 9 MONTH)
),
owed AS (SELECT *, CASE WHEN term_months IS NULL THEN original_amount * (0.42 + 0.16 * bell(id, 30)) ELSE original_amount * (1 - (age / term_months::DOUBLE) ** 1.25) END AS owed, defaulted_on <= month_end AS is_default,
  CASE WHEN defaulted_on <= month_end THEN 90 + 30 * date_diff('month', defaulted_on, month_end) WHEN roll(id, 33) < 0.012 + 0.02 * lgd * CASE risk_grade WHEN 'E' THEN 3 WHEN 'D' THEN 2 ELSE 0.8 END THEN 30 + dice(id, 34, 55) WHEN roll(id, 35) < 0.03 THEN 1 + dice(id, 36, 28) ELSE 0 END AS late FROM held)
SELECT month_end AS as_of_date, loan_id, branch_id, product_type, risk_grade, greatest(0, owed)::DECIMAL(14, 2) AS outstanding_balance, late::INTEGER AS days_past_due, CASE WHEN late >= 90 THEN 3 WHEN late >= 30 THEN 2 ELSE 1 END AS ifrs_stage,
  (outstanding_balance * CASE ifrs_stage WHEN 1 THEN provision_pct / 100 * 0.35 WHEN 2 THEN lgd * 0.22 ELSE lgd * 0.92 END)::DECIMAL(14, 2) AS provision_amount, CASE WHEN ifrs_stage < 3 THEN outstanding_balance * interest_rate / 1200 ELSE 0 END::DECIMAL(12, 2) AS interest_income,
  (outstanding_balance * (2.35 + 0.55 * (year(month_end) - 2024) + CASE WHEN month_end >= DATE '2026-03-31' THEN 0.45 ELSE 0 END) / 1200)::DECIMAL(12, 2) AS funding_cost, (outstanding_balance * CASE product_type WHEN 'Mortgage' THEN 0.35 WHEN 'Small business loan' THEN 0.85 ELSE 0.75 END)::DECIMAL(14, 2) AS risk_weighted_assets,
  coalesce(date_trunc('month', defaulted_on) = date_trunc('month', month_end), false) AS is_new_default
FROM owed ORDER BY as_of_date, loan_id;

CREATE TABLE write_offs AS
SELECT loan_id, branch_id, product_type, last_day(defaulted_on + INTERVAL 8 MONTH) AS written_off_on, (original_amount * 0.55 * lgd)::DECIMAL(12, 2) AS written_off_amount, (written_off_amount * greatest(0, 0.16 + 0.1 * bell(loan_id, 40)))::DECIMAL(12, 2) AS recovered_amount
FROM broken JOIN loans USING (loan_id) JOIN product USING (product_type), span WHERE last_day(defaulted_on + INTERVAL 8 MONTH) <= last_day ORDER BY loan_id;

CREATE TABLE deposit_balances AS
SELECT month_end AS as_of_date, branch_id, deposit_type, segment, (size * share * amount * scale * (1 + 0.004 * month_no * tilt) * (1 + 0.015 * bell(no * 1000 + branch_id * 20 + n * 4 + k, 1)) * CASE WHEN segment = 'Affluent' AND deposit_type = 'Savings' AND month_end >= DATE '2026-05-31' THEN 0.81 ELSE 1 END)::DECIMAL(14, 2) AS balance,
  (balance * cost / 1200)::DECIMAL(12, 2) AS interest_paid, (size * share * accounts * sqrt(scale) * (1 + 0.003 * month_no))::INTEGER AS accounts
FROM span, month_end, branches, (VALUES (1, 'Current account', 4100000, 0.15, 0.2, 420), (2, 'Savings', 6900000, 2.6, 0.9, 260), (3, 'Term deposit', 4800000, 4.1, 1.8, 70)) d(n, deposit_type, amount, cost, tilt, accounts),
  (VALUES (0, 'Mass retail', 0.34), (1, 'Affluent', 0.36), (2, 'Small business', 0.18), (3, 'Mid-market', 0.12)) s(k, segment, share) ORDER BY ALL;

CREATE TABLE card_transactions AS
WITH raw AS (SELECT day, day_no, years, weekday, day_no::BIGINT * 10000 + unnest(range(1, 1 + round(430 * scale * [93, 94, 99, 99, 101, 102, 102, 101, 98, 101, 110, 128][month] * [92, 92, 94, 98, 114, 118, 92][weekday] / 10000.0 * (1 + 0.09 * years) * (1 + 0.03 * bell(day_no, 1)) * CASE WHEN day = DATE '2025-10-07' THEN 0.18 ELSE 1 END)::INTEGER)) AS transaction_id FROM day, span),
bought AS (SELECT *, ['Groceries', 'Groceries', 'Groceries', 'Fuel', 'Restaurants', 'Restaurants', 'Online retail', 'Online retail', 'Travel', 'Utilities', 'Electronics', 'Gaming'][1 + dice(transaction_id, 2, 12)] AS merchant_category, CASE WHEN roll(transaction_id, 3) < 0.30 + 0.05 * years THEN 'Card not present' WHEN roll(transaction_id, 3) < 0.86 THEN 'Contactless' ELSE 'Chip and PIN' END AS entry_mode FROM raw),
bad AS (SELECT *, roll(transaction_id, 4) < CASE WHEN entry_mode = 'Card not present' THEN 0.0034 ELSE 0.0005 END * CASE merchant_category WHEN 'Electronics' THEN 2.4 WHEN 'Travel' THEN 1.5 ELSE 0.9 END
  + CASE WHEN merchant_category = 'Gaming' AND entry_mode = 'Card not present' AND day BETWEEN DATE '2026-09-05' AND DATE '2026-10-11' THEN 0.11 ELSE 0 END AS is_fraud FROM bought)
SELECT transaction_id, 50000 + (roll(transaction_id, 5) * 41990 * (SELECT sqrt(scale) FROM span))::INTEGER AS customer_id, day + to_seconds(dice(transaction_id, 6, 86400)) AS transaction_at, merchant_category, entry_mode, CASE WHEN dice(transaction_id, 7, 30) <> 0 THEN CASE WHEN roll(transaction_id, 8) < 0.94 THEN 'US' WHEN roll(transaction_id, 8) < 0.97 THEN 'CA' ELSE 'GB' END END AS country,
  (greatest(1.2, CASE merchant_category WHEN 'Travel' THEN 240 WHEN 'Electronics' THEN 185 WHEN 'Gaming' THEN 34 WHEN 'Groceries' THEN 61 ELSE 48 END * (0.25 + 1.5 * roll(transaction_id, 9)) * CASE WHEN is_fraud THEN 2.4 ELSE 1 END))::DECIMAL(10, 2) AS amount, (amount * 0.0135)::DECIMAL(8, 2) AS interchange_income,
  CASE WHEN roll(transaction_id, 10) < 0.028 THEN 'Declined' WHEN roll(transaction_id, 10) < 0.03 THEN 'Reversed' ELSE 'Settled' END AS auth_status, is_fraud AND auth_status = 'Settled' AS confirmed_fraud,
  auth_status = 'Settled' AND (is_fraud AND roll(transaction_id, 11) < 0.7 OR roll(transaction_id, 12) < 0.0011) AND day + 45 <= (SELECT last_day FROM span) AS charged_back
FROM bad ORDER BY transaction_id;

CREATE TABLE applications AS
WITH raw AS (SELECT day, years, day_no::BIGINT * 1000 + unnest(range(1, 1 + round(46 * scale * [112, 108, 110, 104, 103, 98, 94, 97, 102, 100, 95, 77][month] * [118, 116, 112, 108, 100, 74, 72][weekday] / 10000.0 * (1 + 0.05 * years) * (1 + 0.07 * bell(day_no, 41)))::INTEGER)) AS application_id FROM day, span),
made AS (SELECT r.*, p.product_type, p.amount, CASE WHEN roll(application_id, 2) < 0.33 THEN 'Branch' WHEN roll(application_id, 2) < 0.68 THEN 'Online' WHEN roll(application_id, 2) < 0.88 THEN 'Broker' ELSE 'Partner' END AS channel, ['A', 'A', 'B', 'B', 'C', 'C', 'D', 'D', 'E', 'E'][1 + dice(application_id, 3, 10)] AS risk_grade FROM raw r JOIN product_slot s ON s.no = dice(application_id, 1, 100) JOIN product p USING (product_no))
SELECT application_id, day AS received_on, product_type, channel, risk_grade, (amount * (0.35 + 1.3 * roll(application_id, 6)))::DECIMAL(12, 2) AS requested_amount,
  CASE WHEN roll(application_id, 4) < 0.06 THEN 'Withdrawn' WHEN roll(application_id, 5) < CASE risk_grade WHEN 'A' THEN 0.92 WHEN 'B' THEN 0.8 WHEN 'C' THEN 0.61 WHEN 'D' THEN 0.36 ELSE 0.16 END * CASE WHEN channel = 'Online' AND product_type IN ('Auto loan', 'Personal loan') AND day >= DATE '2026-07-13' THEN 0.25 ELSE 1 END THEN 'Approved' ELSE 'Declined' END AS decision,
  CASE WHEN decision <> 'Withdrawn' THEN round(greatest(0.2, CASE channel WHEN 'Online' THEN 6 WHEN 'Partner' THEN 14 ELSE 31 END * (1 + 0.5 * bell(application_id, 7))), 1) END::DECIMAL(7, 1) AS decision_hours, decision = 'Approved' AND roll(application_id, 10) < 0.74 AS is_funded
FROM made ORDER BY application_id;

CREATE TABLE acquisition_costs AS
SELECT date_trunc('month', month_end)::DATE AS spend_month, channel, (spend * scale * (1 + 0.006 * month_no) * (1 + 0.06 * bell(no * 10 + n, 1)))::DECIMAL(12, 2) AS spend, (newcomers * sqrt(scale) * (1 + 0.004 * month_no) * (1 + 0.05 * bell(no * 10 + n, 4)) * CASE WHEN channel = 'Campaign' AND month_end >= DATE '2026-01-31' THEN 0.62 ELSE 1 END)::INTEGER AS new_customers
FROM span, month_end, (VALUES (1, 'Branch', 61000, 170), (2, 'Online', 92000, 320), (3, 'Broker', 48000, 96), (4, 'Referral', 17000, 88), (5, 'Campaign', 74000, 190)) c(n, channel, spend, newcomers) ORDER BY ALL;

CREATE TABLE aml_alerts AS
WITH raw AS (SELECT day, day_no::BIGINT * 1000 + unnest(range(1, 1 + round(17 * scale * [100, 104, 103, 98, 92, 40, 34][weekday] / 100.0 * (1 + 0.08 * years) * (1 + 0.1 * bell(day_no, 51)) * CASE WHEN day BETWEEN DATE '2026-02-16' AND DATE '2026-02-27' THEN 3.4 ELSE 1 END)::INTEGER)) AS alert_id FROM day, span),
worked AS (SELECT *, ['Transaction monitoring', 'Transaction monitoring', 'Transaction monitoring', 'Sanctions screening', 'KYC refresh', 'Cash structuring'][1 + dice(alert_id, 1, 6)] AS alert_type, greatest(0, 6 + 5 * bell(alert_id, 2) + CASE WHEN day BETWEEN DATE '2026-02-16' AND DATE '2026-04-10' THEN 14 ELSE 0 END)::INTEGER AS wait FROM raw)
SELECT alert_id, day AS raised_on, alert_type, CASE WHEN roll(alert_id, 5) < 0.12 THEN 'High' WHEN roll(alert_id, 5) < 0.45 THEN 'Medium' ELSE 'Low' END AS priority, 'AN-' || (1 + dice(alert_id, 6, 14)) AS analyst_code, CASE WHEN day + wait <= last_day THEN day + wait END AS closed_on,
  CASE WHEN closed_on IS NULL THEN 'Open' WHEN roll(alert_id, 7) < 0.055 THEN 'Report filed' WHEN roll(alert_id, 7) < 0.17 THEN 'Escalated' ELSE 'False positive' END AS outcome, CASE WHEN closed_on IS NOT NULL THEN greatest(8, 42 + 17 * bell(alert_id, 8))::INTEGER END AS handling_minutes
FROM worked, span ORDER BY alert_id;

CREATE TABLE liquidity_daily AS
SELECT day AS position_date, (4180e6 * scale * (1 + 0.03 * years + 0.018 * bell(day_no, 60)) * CASE WHEN day BETWEEN DATE '2026-05-18' AND DATE '2026-06-05' THEN 0.86 ELSE 1 END)::DECIMAL(16, 2) AS liquid_assets, (3050e6 * scale * (1 + 0.035 * years + 0.015 * bell(day_no, 64)))::DECIMAL(16, 2) AS net_outflows_30d FROM day, span WHERE weekday < 6;

CREATE TABLE income_statement AS
SELECT date_trunc('month', month_end)::DATE AS fiscal_month, branch_id, cost_center, (size * fees * scale * (1 + 0.004 * month_no) * (1 + 0.05 * bell(no * 1000 + branch_id * 10 + n, 70)))::DECIMAL(12, 2) AS fee_income,
  (size * staff * scale * (1 + 0.0045 * month_no) * (1 + 0.015 * bell(no * 1000 + branch_id * 10 + n, 73)) * CASE WHEN branch_id = 14 AND month_end >= DATE '2026-08-31' THEN 1.45 ELSE 1 END)::DECIMAL(12, 2) AS staff_cost,
  (size * other * scale * (1 + 0.003 * month_no) * (1 + 0.02 * bell(no * 1000 + branch_id * 10 + n, 76)))::DECIMAL(12, 2) AS other_operating_cost
FROM span, month_end, branches, (VALUES (1, 'Counter service', 900, 3900, 900), (2, 'Lending', 2600, 3300, 700), (3, 'Advice', 2300, 2700, 500), (4, 'Cards and payments', 1100, 1500, 1300), (5, 'Operations', 0, 1700, 1500), (6, 'Risk and compliance', 0, 1200, 400), (7, 'Premises', 0, 500, 2400), (8, 'Management', 0, 600, 600)) c(n, cost_center, fees, staff, other) ORDER BY ALL;

ALTER TABLE branches DROP COLUMN size;

-- one night of applications was loaded twice
INSERT INTO applications SELECT application_id + 500, * EXCLUDE (application_id) FROM applications WHERE received_on = DATE '2026-08-19';
