-- T: c_uk.t
-- WITH: allow_experimental_unique_key=1
-- REFUSED: UNIQUE KEY
-- K: --order-by 'b, a'
-- kind: a clause of the definition that system.tables has no column for
CREATE TABLE c_uk.t (a UInt64, b UInt64) ENGINE = MergeTree ORDER BY a UNIQUE KEY a;
INSERT INTO c_uk.t SELECT number, number % 9 FROM numbers(100);
