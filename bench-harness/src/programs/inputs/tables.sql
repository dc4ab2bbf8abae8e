-- Tables in memory, joins, indexes, text. {n} is how many rows.
CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT, price INTEGER, note TEXT);
CREATE TABLE sale (id INTEGER PRIMARY KEY, item INTEGER, amount INTEGER, day TEXT);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {n})
INSERT INTO item SELECT i, printf('item-%d', (i * 7919) % {n}), (i * 104729) % 1000,
  substr('abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz', 1, (i * 31) % 50) FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2 * {n})
INSERT INTO sale SELECT i, (i * 15485863) % {n} + 1, i % 17,
  date('2000-01-01', printf('+%d days', (i * 31) % 3650)) FROM n;
CREATE INDEX by_name ON item (name);
CREATE INDEX by_day ON sale (day, item);
UPDATE item SET note = note || name WHERE price % 3 = 0;
SELECT count(*), sum(length(note)) FROM item;
SELECT substr(day, 1, 4) AS year, sum(amount * price), count(DISTINCT name)
  FROM sale JOIN item ON item.id = sale.item GROUP BY year ORDER BY year;
SELECT length(group_concat(name, ',')) FROM (SELECT name FROM item ORDER BY note, name);
DELETE FROM sale WHERE amount % 2;
SELECT count(*), min(day), max(day) FROM sale;
