-- Who relays the log to the outside, until when (Unix ms), and how far it has come.
CREATE TABLE relays (
  name     TEXT    PRIMARY KEY,
  holder   BLOB    NOT NULL,
  until    INTEGER NOT NULL,
  position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
