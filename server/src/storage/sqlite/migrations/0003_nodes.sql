-- The node numbers that are part of ids, each leased to one server for a range of time: ids with
-- this number and a time in (since, until] are the holder's; later times are nobody's yet.
CREATE TABLE nodes (
  node   INTEGER PRIMARY KEY,  -- 0 to 15
  holder BLOB,                 -- the server's random name; none once it gave the number back
  since  INTEGER NOT NULL,     -- where the holder's first range began
  until  INTEGER NOT NULL      -- where its last range ends
) STRICT;
INSERT INTO nodes (node, holder, since, until)
VALUES (0, NULL, 0, 0), (1, NULL, 0, 0), (2, NULL, 0, 0), (3, NULL, 0, 0), (4, NULL, 0, 0),
  (5, NULL, 0, 0), (6, NULL, 0, 0), (7, NULL, 0, 0), (8, NULL, 0, 0), (9, NULL, 0, 0),
  (10, NULL, 0, 0), (11, NULL, 0, 0), (12, NULL, 0, 0), (13, NULL, 0, 0), (14, NULL, 0, 0),
  (15, NULL, 0, 0);
