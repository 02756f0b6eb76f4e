-- What the scripts of all demos share. Every random choice is a hash of a row's own number, so a row depends on nothing
-- but its day: the same day gives the same rows on every machine and in every order.

-- The planner cannot guess how many rows a rolled number finds and would build its hash tables on the large side.
SET disabled_optimizers = 'join_order,build_side_probe_side';

-- dice: 0 to sides - 1. roll: 0 up to 1. bell: about normal with mean 0 and deviation 1.
CREATE OR REPLACE TEMP MACRO dice(id, key, sides) AS (hash(id::BIGINT * 97 + key) % sides)::INTEGER;
CREATE OR REPLACE TEMP MACRO roll(id, key) AS (hash(id::BIGINT * 97 + key) % 1000003)::DOUBLE / 1000003;
CREATE OR REPLACE TEMP MACRO bell(id, key) AS (roll(id, key) + roll(id, key + 1) + roll(id, key + 2) - 1.5) * 2;

-- day: every day of the demo with its number since 2018, its share of the year's growth and its weekday (1 is Monday)
CREATE TEMP TABLE day AS
SELECT d::DATE AS day, (d::DATE - DATE '2018-01-01')::INTEGER AS day_no, isodow(d)::INTEGER AS weekday, month(d)::INTEGER AS month,
  (d::DATE - DATE '2024-01-01') / 365.0 AS years
FROM span, generate_series(first_day::TIMESTAMP, last_day::TIMESTAMP, INTERVAL 1 DAY) t(d);
