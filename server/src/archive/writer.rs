//! Writes lines into zstd.

use std::io::Write;

use sha2::{Digest as _, Sha256};
use siskin_domain::{Position, Recorded};

use super::ArchiveError;
use super::digest::{Digests, hex};
use super::format::{CredentialLine, End, EventLine, Header, Line, MAX_LINE, ProofLine};
use crate::storage::{Credential, Proof};

/// zstd's own default: fast, and small enough.
const LEVEL: i32 = 3;

/// An archive that is being written.
pub(super) struct Writer<W: Write> {
    zstd: zstd::Encoder<'static, W>,
    hash: Sha256,
    line: Vec<u8>,
    events: u64,
    position: Position,
    credentials: u64,
    proofs: u64,
}

impl<W: Write> Writer<W> {
    /// Writes the header.
    pub(super) fn begin(out: W, header: Header) -> Result<Self, ArchiveError> {
        let mut zstd = zstd::Encoder::new(out, LEVEL).map_err(ArchiveError::Write)?;
        // A flipped bit is found where it is, not only at the end.
        zstd.include_checksum(true).map_err(ArchiveError::Write)?;
        let mut writer = Self {
            zstd,
            hash: Sha256::new(),
            line: Vec::new(),
            events: 0,
            position: Position(0),
            credentials: 0,
            proofs: 0,
        };
        writer.line(&Line::Header(header))?;
        Ok(writer)
    }

    /// Writes the next events.
    pub(super) fn events(&mut self, events: &[Recorded]) -> Result<(), ArchiveError> {
        for recorded in events {
            self.position = recorded.position;
            self.line(&Line::Event(EventLine::of(recorded)?))?;
            self.events += 1;
        }
        Ok(())
    }

    /// Writes the next credentials.
    pub(super) fn credentials(&mut self, credentials: &[Credential]) -> Result<(), ArchiveError> {
        for credential in credentials {
            self.line(&Line::Credential(CredentialLine::of(credential)))?;
            self.credentials += 1;
        }
        Ok(())
    }

    /// Writes the next proofs.
    pub(super) fn proofs(&mut self, proofs: &[Proof]) -> Result<(), ArchiveError> {
        for proof in proofs.iter().filter_map(ProofLine::of) {
            self.line(&Line::Proof(proof))?;
            self.proofs += 1;
        }
        Ok(())
    }

    /// Writes the last line, and all that is left to write.
    pub(super) fn end(mut self, projections: Digests) -> Result<(W, End), ArchiveError> {
        let end = End {
            events: self.events,
            position: self.position,
            credentials: self.credentials,
            proofs: self.proofs,
            projections,
            sha256: hex(&std::mem::take(&mut self.hash).finalize()),
        };
        self.line(&Line::End(end.clone()))?;
        let mut out = self.zstd.finish().map_err(ArchiveError::Write)?;
        out.flush().map_err(ArchiveError::Write)?;
        Ok((out, end))
    }

    fn line(&mut self, line: &Line<'_>) -> Result<(), ArchiveError> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, line)
            .map_err(|error| ArchiveError::Write(error.into()))?;
        self.line.push(b'\n');
        if self.line.len() > MAX_LINE {
            return Err(ArchiveError::TooLong(self.position));
        }
        self.hash.update(&self.line);
        self.zstd.write_all(&self.line).map_err(ArchiveError::Write)
    }
}
