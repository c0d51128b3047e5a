-- T: c_names.t
-- REFUSED: a column named rekey_rows
-- K: --order-by 'b, a'
-- kind: a column with a name by which rekey means a figure of its own
CREATE TABLE c_names.t (a UInt64, b UInt64, rekey_rows UInt64) ENGINE = MergeTree ORDER BY a;
INSERT INTO c_names.t SELECT number, number % 9, 7 FROM numbers(100);
