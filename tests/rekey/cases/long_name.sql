-- LONG: a 190
-- T: c_long.events_{long}
-- K: --order-by 'b, a'
-- source: a name near the longest that a server takes: what is made beside it has names of its own, cut and told
--   apart by a hash
CREATE TABLE c_long.events_{long}
  (a UInt64, b UInt64) ENGINE = MergeTree ORDER BY a;
INSERT INTO c_long.events_{long}
  SELECT number, number % 9 FROM numbers(100);
