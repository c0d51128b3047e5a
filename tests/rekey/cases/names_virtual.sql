-- T: c_virt.t
-- REFUSED: a column named _part
-- K: --order-by 'b, a'
-- kind: a column with the name of one that the server computes
CREATE TABLE c_virt.t (a UInt64, b UInt64, _part UInt64) ENGINE = MergeTree ORDER BY a;
INSERT INTO c_virt.t SELECT number, number % 9, 7 FROM numbers(100);
