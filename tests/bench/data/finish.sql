-- What a database that has been in use for a while has: statistics and a clean map.
VACUUM (FREEZE, ANALYZE);
