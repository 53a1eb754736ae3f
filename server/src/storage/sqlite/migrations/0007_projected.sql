-- Of which shape the projections are (storage::PROJECTED), and how far those have come that are
-- being made beside them, to take their place: next_users, next_tweets, next_reports.
CREATE TABLE projected (
  one      INTEGER PRIMARY KEY CHECK (one = 1),
  shape    INTEGER NOT NULL,
  building INTEGER,          -- the shape of those beside; none when there are none
  position INTEGER NOT NULL  -- they hold what the events up to here say
) STRICT;
INSERT INTO projected (one, shape, building, position) VALUES (1, 1, NULL, 0);
