SELECT extract(year FROM day) AS y, date_part('dow', day) AS d, count(*) FROM orders GROUP BY ALL ORDER BY ALL
SELECT day + INTERVAL 3 DAY, day - INTERVAL '1 month', day - DATE '2026-01-01' FROM orders LIMIT 1
SELECT DISTINCT ON (customer_id) customer_id, amount FROM orders ORDER BY customer_id, amount DESC
SELECT try_cast(status AS INTEGER), amount::INTEGER, CAST(day AS TIMESTAMP) FROM orders LIMIT 1
SELECT status ILIKE '%PAID%', status NOT LIKE 'x%', status SIMILAR TO 'p.*', status GLOB 'p*' FROM orders LIMIT 1
SELECT position('a' IN status), substring(status FROM 1 FOR 2), trim(BOTH 'p' FROM status) FROM orders LIMIT 1
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY amount), mode() WITHIN GROUP (ORDER BY status) FROM orders
SELECT first_value(amount IGNORE NULLS) OVER w, ntile(4) OVER w FROM orders WINDOW w AS (ORDER BY id)
SELECT grouping(status), status, sum(amount) FROM orders GROUP BY CUBE (status)
SELECT * FROM orders SEMI JOIN customers ON orders.customer_id = customers.id
SELECT count(*) FROM orders ANTI JOIN customers ON orders.customer_id = customers.id
SELECT count(*) FROM orders NATURAL JOIN customers
SELECT c.name, x.top FROM customers c, LATERAL (SELECT max(amount) AS top FROM orders o WHERE o.customer_id = c.id) x
SELECT id FROM orders WHERE amount > ALL (SELECT id FROM customers) LIMIT 3
SELECT id FROM orders WHERE (customer_id, status) IN (SELECT id, 'paid' FROM customers) LIMIT 3
SELECT v.a FROM (VALUES (1, 'x'), (2, 'y')) AS v(a, b)
SELECT u.x FROM unnest([1, 2, 3]) AS u(x)
SELECT [x * 2 FOR x IN [1, 2, 3] IF x > 1] AS l
SELECT list_transform([1, 2], lambda x: x + 1), list_sum([1, 2]), list_filter([1, 2], lambda x: x > 1)
SELECT {'a': 1, 'b': 'x'}.a, MAP {'k': 1}['k'], struct_pack(q := 1).q
SELECT '{"a": [1, 2]}'::JSON -> 'a', json_extract_string('{"a": 1}', '$.a')
SELECT amount // 7, amount % 7, 2 ** 3, 2 ^ 3, -amount, @amount, 5 & 3, 5 | 3, 1 << 2 FROM orders LIMIT 1
SELECT status || '!' || upper(left(status, 2)), concat_ws('-', status, id) FROM orders LIMIT 1
SELECT max(day) FILTER (WHERE status = 'paid'), bool_or(amount > 5), string_agg(status, ',' ORDER BY id) FROM orders
SELECT date_trunc('week', day), strftime(day, '%G-W%V'), last_day(day), monthname(day), dayname(day) FROM orders LIMIT 1
SELECT make_date(2026, 1, 2), TIMESTAMP '2026-01-01 10:00' AT TIME ZONE 'Europe/Berlin', epoch(TIMESTAMP '2026-01-01')
SELECT day >= current_date, age(day), now() > day FROM orders LIMIT 1
SELECT CASE status WHEN 'paid' THEN 1 ELSE 0 END, if(amount > 1, 'a', 'b'), coalesce(NULL, 1), nullif(1, 1) FROM orders LIMIT 1
SELECT amount IS DISTINCT FROM 1, amount IS NOT NULL, NOT (amount > 1), amount BETWEEN 1 AND 2 FROM orders LIMIT 1
SELECT * FROM (SELECT status, amount FROM orders) PIVOT (sum(amount) FOR status IN ('paid'))
SELECT * FROM (SELECT 1 AS jan, 2 AS feb) UNPIVOT (v FOR m IN (jan, feb))
SELECT COLUMNS('a.*') FROM orders LIMIT 1
SELECT min(COLUMNS(*)) FROM customers
SELECT #1, count(*) FROM orders GROUP BY 1
SELECT status COLLATE NOCASE AS s FROM orders ORDER BY s LIMIT 1
SELECT amount FROM orders ORDER BY amount LIMIT 10 PERCENT
SELECT regr_slope(amount, id), stddev(amount), skewness(amount), kurtosis(amount), mad(amount), entropy(status) FROM orders
SELECT histogram(status), approx_quantile(amount, 0.5), arg_min(id, amount), max_by(id, amount), max(amount, 3) FROM orders
SELECT lead(amount, 2, 0) OVER (PARTITION BY status ORDER BY id), percent_rank() OVER (ORDER BY id) FROM orders LIMIT 1
SELECT sum(amount) OVER (ORDER BY day RANGE BETWEEN INTERVAL 7 DAYS PRECEDING AND CURRENT ROW) FROM orders LIMIT 1
(SELECT id FROM orders LIMIT 1) UNION (SELECT id FROM customers LIMIT 1) ORDER BY id
WITH a AS MATERIALIZED (SELECT 1 AS x), b(y) AS (SELECT x FROM a) SELECT * FROM b JOIN a ON a.x = b.y
SELECT "orders"."amount" AS "filename 2" FROM "main"."orders" AS "orders" LIMIT 1
SELECT o.amount FROM ORDERS o JOIN Customers USING (id) LIMIT 1
SELECT jaro_winkler_similarity('a', 'b'), levenshtein('a', 'b'), md5('a'), hash('a'), strip_accents('é'), url_encode('a b')
SELECT round(1.234, 2), floor(1.5), ceil(1.5), trunc(1.5), sqrt(4), ln(2), log10(10), greatest(1, 2), least(1, 2), sign(-1)
