-- Beside the log: what proves who somebody is, apart from the password. See storage/proofs.rs.
CREATE TABLE proofs (
  key        BLOB    PRIMARY KEY,  -- SHA-256 of the kind and of what finds it
  user       INTEGER,              -- none for a visitor's ceremony
  kind       TEXT    NOT NULL,     -- mail_verified, totp, passkey, …
  label      TEXT    NOT NULL,
  data       TEXT    NOT NULL,     -- JSON of the application's own
  revision   INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  used_at    INTEGER,
  expires_at INTEGER NOT NULL      -- the end of the year 9999 for what never does
) STRICT, WITHOUT ROWID;
CREATE INDEX proofs_by_user ON proofs (user) WHERE user IS NOT NULL;
CREATE INDEX proofs_by_expiry ON proofs (expires_at);
