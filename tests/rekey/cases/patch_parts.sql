-- T: c_patch.t
-- REFUSED: enable_block_offset_column
-- K: --order-by 'tenant, id'
-- AFTER: INSERT INTO c_patch.t SELECT number+100000, 9, 'after', 1 FROM numbers(10)
-- source: ClickHouse issue 108264 (patch parts that are not applied are left behind by ATTACH PARTITION), 117844
CREATE TABLE c_patch.t (id UInt64, tenant UInt8, s String, v UInt64) ENGINE = MergeTree PARTITION BY id % 2 ORDER BY
  id SETTINGS enable_block_number_column = 1, enable_block_offset_column = 1, apply_patches_on_merge = 0;
INSERT INTO c_patch.t SELECT number, number%5, 'a', 0 FROM numbers(5000);
INSERT INTO c_patch.t SELECT number+5000, number%5, 'b', 0 FROM numbers(5000);
UPDATE c_patch.t SET v = 7, s = 'patched' WHERE id % 3 = 0;
UPDATE c_patch.t SET v = v + 1 WHERE id > 7000;
DELETE FROM c_patch.t WHERE id % 11 = 0;
