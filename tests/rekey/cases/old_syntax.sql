-- T: c_old.hits
-- REFUSED: old syntax
-- K: --order-by 'intHash32(UserID), EventDate, CounterID'
-- AFTER: INSERT INTO c_old.hits SELECT number, '2026-05-05', number, number FROM numbers(10)
CREATE TABLE c_old.hits (CounterID UInt32, EventDate Date, UserID UInt64, V UInt32) ENGINE = MergeTree(EventDate,
  intHash32(UserID), (CounterID, EventDate, intHash32(UserID)), 8192) SETTINGS
  allow_deprecated_syntax_for_merge_tree=1;
INSERT INTO c_old.hits SELECT number%20, toDate('2026-01-01')+number%90, number, number FROM numbers(9000);
