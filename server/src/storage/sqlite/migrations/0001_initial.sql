-- The log. `personal` is what can be forgotten; nothing else is ever changed.
CREATE TABLE events (
  position INTEGER PRIMARY KEY,  -- 1, 2, 3, … in order of commit, without gaps
  stream   TEXT    NOT NULL,     -- user-N, logins-N, tweet-N
  version  INTEGER NOT NULL,     -- 1, 2, 3, … within the stream
  kind     TEXT    NOT NULL,     -- TweetPosted, …
  schema   INTEGER NOT NULL,     -- the version of the shape of data and personal
  at       INTEGER NOT NULL,     -- Unix milliseconds, like every time here
  actor    INTEGER,              -- the user who caused it; none for the operator
  data     TEXT    NOT NULL,     -- JSON
  personal TEXT,                 -- JSON
  UNIQUE (stream, version)
) STRICT;

-- Projection: the users that are there. Can be rebuilt from the log.
CREATE TABLE users (
  id           INTEGER PRIMARY KEY,
  username     TEXT    NOT NULL UNIQUE,
  email        TEXT    NOT NULL UNIQUE,
  name         TEXT    NOT NULL,
  bio          TEXT    NOT NULL,
  role         TEXT    NOT NULL,
  created_at   INTEGER NOT NULL,
  tweets_count INTEGER NOT NULL,
  version      INTEGER NOT NULL  -- of the stream user-N
) STRICT;

-- Projection: the tweets that are there. Can be rebuilt from the log.
CREATE TABLE tweets (
  id     INTEGER PRIMARY KEY,
  author INTEGER NOT NULL,
  body   TEXT    NOT NULL,
  at     INTEGER NOT NULL
) STRICT;
CREATE INDEX tweets_by_author ON tweets (author, id);

-- Beside the log, as none of this may ever be an event. There are no foreign keys to users:
-- that table is dropped and made anew by a rebuild, and these must survive it.
CREATE TABLE credentials (
  user INTEGER PRIMARY KEY,
  hash TEXT NOT NULL             -- argon2id, PHC string form
) STRICT;

CREATE TABLE sessions (
  token        BLOB    PRIMARY KEY,  -- SHA-256 of the secret
  user         INTEGER NOT NULL,
  kind         TEXT    NOT NULL,     -- cookie, bearer
  name         TEXT    NOT NULL,
  created_at   INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  expires_at   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (user);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE answers (
  key         BLOB    PRIMARY KEY,   -- SHA-256 of caller and Idempotency-Key
  user        INTEGER,
  fingerprint BLOB    NOT NULL,
  sealed      BLOB    NOT NULL,
  expires_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX answers_by_user ON answers (user) WHERE user IS NOT NULL;
CREATE INDEX answers_by_expiry ON answers (expires_at);

-- Work that waits for a quiet hour: 'vacuum', since the first erasure after the last one.
CREATE TABLE chores (
  name  TEXT    PRIMARY KEY,
  since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
