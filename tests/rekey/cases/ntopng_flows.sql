-- T: c_ntop.flows
-- K: --order-by 'FIRST_SEEN, IPV4_SRC_ADDR, IPV4_DST_ADDR'
-- BG: INSERT INTO c_ntop.flows (FLOW_ID, IP_PROTOCOL_VERSION, FIRST_SEEN, LAST_SEEN, PACKETS, TOTAL_BYTES, PROTOCOL,
--   IPV4_SRC_ADDR, IPV6_SRC_ADDR, IPV4_DST_ADDR, IPV6_DST_ADDR, L7_PROTO, INFO, INTERFACE_ID, SCORE) SELECT
--   {n}*100+number, 4, toDateTime('2026-01-06 00:00:00')+{n}*7, toDateTime('2026-01-06 00:00:00')+{n}*7+number,
--   number, number*100, 6, 167772160+number%16, toIPv6('::'), 3232235520+number, toIPv6('::'), 91,
--   'host'||number||'.example', 20+number%2, number FROM numbers(90)
-- AFTER: INSERT INTO c_ntop.flows (FLOW_ID, FIRST_SEEN, IPV4_SRC_ADDR) SELECT number,
--   toDateTime('2026-01-07 00:00:00')+number, number FROM numbers(100)
-- CHECK: SELECT IPv4NumToString(IPV4_SRC_ADDR), sum(TOTAL_BYTES) FROM c_ntop.flows WHERE FIRST_SEEN BETWEEN
--   '2026-01-03 00:00:00' AND '2026-01-03 02:00:00' GROUP BY 1 LIMIT 3
-- source: ntopng's flows, whose later columns were added one by one; ntopng issue 10914: the addresses stand first in
--   the key, every page by time reads all of 244 GiB, and FIRST_SEEN is asked for in their place
CREATE TABLE c_ntop.flows (
 FLOW_ID UInt64, IP_PROTOCOL_VERSION UInt8, FIRST_SEEN DateTime, LAST_SEEN DateTime, VLAN_ID UInt16, PACKETS UInt32,
   TOTAL_BYTES UInt64, SRC2DST_BYTES UInt64, DST2SRC_BYTES UInt64, SRC2DST_DSCP UInt8, DST2SRC_DSCP UInt8, PROTOCOL
   UInt8, IPV4_SRC_ADDR UInt32, IPV6_SRC_ADDR IPv6, IP_SRC_PORT UInt16, IPV4_DST_ADDR UInt32, IPV6_DST_ADDR IPv6,
   IP_DST_PORT UInt16, L7_PROTO UInt16, L7_PROTO_MASTER UInt16, L7_CATEGORY UInt16, FLOW_RISK UInt64, INFO String,
   PROFILE String, NTOPNG_INSTANCE_NAME String, INTERFACE_ID UInt16, STATUS UInt8, SRC_COUNTRY_CODE UInt16,
   DST_COUNTRY_CODE UInt16, SRC_LABEL String, DST_LABEL String, SRC_MAC UInt64, DST_MAC UInt64, COMMUNITY_ID String,
   SRC_ASN UInt32, DST_ASN UInt32, PROBE_IP UInt32, OBSERVATION_POINT_ID UInt16, SRC2DST_TCP_FLAGS UInt8,
   DST2SRC_TCP_FLAGS UInt8, SCORE UInt16)
 ENGINE = MergeTree PARTITION BY toYYYYMMDD(FIRST_SEEN) ORDER BY (IPV4_SRC_ADDR, IPV4_DST_ADDR, FIRST_SEEN);
INSERT INTO c_ntop.flows (FLOW_ID, IP_PROTOCOL_VERSION, FIRST_SEEN, LAST_SEEN, VLAN_ID, PACKETS, TOTAL_BYTES,
  PROTOCOL, IPV4_SRC_ADDR, IPV6_SRC_ADDR, IP_SRC_PORT, IPV4_DST_ADDR, IPV6_DST_ADDR, IP_DST_PORT, L7_PROTO, INFO,
  INTERFACE_ID, SRC_LABEL, SRC_MAC, SRC_ASN) SELECT number, [4,6][number%2+1],
  toDateTime('2026-01-01 00:00:00')+number*15, toDateTime('2026-01-01 00:00:00')+number*15+number%60, number%5,
  number%1000, number*77, [6,17][number%2+1], if(number%2=0, 167772160+number%256, 0), if(number%2=1,
  toIPv6('2001:db8::'||lower(hex(number%200))), toIPv6('::')), number%65536, if(number%2=0, 3232235520+number%900, 0),
  toIPv6('2001:db8:1::'||lower(hex(number%90))), 443, number%250, 'h'||number%300, 20+number%2, 'l'||number%40,
  number*3, 64500+number%50 FROM numbers(15000);
ALTER TABLE c_ntop.flows ADD COLUMN CLIENT_NW_LATENCY_US UInt32, ADD COLUMN SERVER_NW_LATENCY_US UInt32, ADD COLUMN
  CLIENT_LOCATION UInt8, ADD COLUMN INPUT_SNMP UInt32, ADD COLUMN SRC_PROC_NAME String, ADD COLUMN ALERT_JSON String
  DEFAULT '{}';
INSERT INTO c_ntop.flows (FLOW_ID, FIRST_SEEN, LAST_SEEN, IPV4_SRC_ADDR, IPV4_DST_ADDR, CLIENT_NW_LATENCY_US,
  SRC_PROC_NAME, ALERT_JSON) SELECT 20000+number, toDateTime('2026-01-02 00:00:00')+number*30,
  toDateTime('2026-01-02 00:00:00')+number*31, 167772160+number%256, 3232235520, number, 'p'||number%9,
  '{"a":'||number||'}' FROM numbers(5000);
