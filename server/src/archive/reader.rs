//! Reads lines out of zstd, and believes nothing: the order, the counts and the checksum are
//! part of every reading.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Seek as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};
use siskin_domain::{Position, Recorded, UserId};

use super::digest::hex;
use super::format::{
    AnyHeader, End, FORMAT, Header, Line, MAX_LINE, MAX_WINDOW_LOG, OLDEST_VERSION, VERSION,
};
use super::{ArchiveError, BATCH};
use crate::storage::{Credential, Proof, ProofKey};

/// What a frame of zstd begins with.
const MAGIC: [u8; 4] = [0x28, 0xB5, 0x2F, 0xFD];

/// Some lines of an archive.
#[derive(Default)]
pub(super) struct Batch {
    /// Events, in order.
    pub(super) events: Vec<Recorded>,
    /// Credentials, after the last event.
    pub(super) credentials: Vec<Credential>,
    /// Proofs, after the last credential.
    pub(super) proofs: Vec<Proof>,
    /// The last line: there is nothing after it.
    pub(super) end: Option<End>,
}

impl Batch {
    fn len(&self) -> usize {
        self.events.len() + self.credentials.len() + self.proofs.len()
    }
}

/// An archive that is being read.
pub(super) struct Reader {
    lines: BufReader<zstd::Decoder<'static, BufReader<File>>>,
    hash: Sha256,
    line: Vec<u8>,
    number: u64,
    events: u64,
    user: Option<UserId>,
    credentials: u64,
    proof: Option<ProofKey>,
    proofs: u64,
    has_proofs: bool,
}

impl Reader {
    /// Opens an archive and reads its header.
    pub(super) fn open(path: &Path) -> Result<(Self, Header), ArchiveError> {
        let wrong = |error| ArchiveError::File { path: path.to_owned(), error };
        // Looked at before it is opened: opening a pipe waits for a writer.
        if !std::fs::metadata(path).map_err(wrong)?.is_file() {
            return Err(ArchiveError::NotAFile(path.to_owned()));
        }
        let mut file = File::open(path).map_err(wrong)?;
        let mut begins = Vec::new();
        (&mut file).take(MAGIC.len() as u64).read_to_end(&mut begins).map_err(wrong)?;
        if begins != MAGIC {
            return Err(ArchiveError::NotAnArchive);
        }
        file.rewind().map_err(wrong)?;
        let mut zstd = zstd::Decoder::new(file).map_err(wrong)?;
        zstd.window_log_max(MAX_WINDOW_LOG).map_err(wrong)?;
        let mut reader = Self {
            lines: BufReader::new(zstd),
            hash: Sha256::new(),
            line: Vec::new(),
            number: 0,
            events: 0,
            user: None,
            credentials: 0,
            proof: None,
            proofs: 0,
            has_proofs: true,
        };
        let header = reader.header()?;
        Ok((reader, header))
    }

    fn header(&mut self) -> Result<Header, ArchiveError> {
        match self.next_line() {
            Ok(true) => {}
            Ok(false) | Err(ArchiveError::Damaged { .. }) => {
                return Err(ArchiveError::NotAnArchive);
            }
            Err(other) => return Err(other),
        }
        let any: AnyHeader<'_> =
            serde_json::from_slice(&self.line).map_err(|_| ArchiveError::NotAnArchive)?;
        match any.header {
            header if header.format != FORMAT => Err(ArchiveError::NotAnArchive),
            header if !(OLDEST_VERSION..=VERSION).contains(&header.version) => {
                Err(ArchiveError::Version(header.version))
            }
            _ => match self.parse()? {
                Line::Header(header) => {
                    self.hash.update(&self.line);
                    self.has_proofs = header.version > OLDEST_VERSION;
                    Ok(header)
                }
                _ => Err(ArchiveError::NotAnArchive),
            },
        }
    }

    /// The next lines. After the batch that has an [`Batch::end`] there is nothing to read.
    pub(super) fn batch(&mut self) -> Result<Batch, ArchiveError> {
        let mut batch = Batch::default();
        while batch.len() < BATCH && batch.end.is_none() {
            if !self.next_line()? {
                return Err(ArchiveError::CutOff(self.number));
            }
            match self.parse()? {
                Line::Event(line) => {
                    let event = line.read().map_err(|what| self.damaged(what))?;
                    if self.credentials + self.proofs > 0
                        || event.position != Position(self.events + 1)
                    {
                        return Err(self.damaged("an event out of order"));
                    }
                    self.events += 1;
                    batch.events.push(event);
                }
                Line::Credential(line) => {
                    let credential = line.read();
                    if self.proofs > 0 || self.user >= Some(credential.user) {
                        return Err(self.damaged("a credential out of order"));
                    }
                    self.user = Some(credential.user);
                    self.credentials += 1;
                    batch.credentials.push(credential);
                }
                Line::Proof(line) => {
                    let proof = line.read().map_err(|what| self.damaged(what))?;
                    if !self.has_proofs || self.proof >= Some(proof.key) {
                        return Err(self.damaged("a proof out of order"));
                    }
                    self.proof = Some(proof.key);
                    self.proofs += 1;
                    batch.proofs.push(proof);
                }
                Line::End(end) => {
                    self.believe(&end)?;
                    batch.end = Some(end);
                }
                Line::Header(_) => return Err(self.damaged("a second header")),
            }
            self.hash.update(&self.line);
        }
        Ok(batch)
    }

    /// Compares what was read with what the last line says, and fails if there is more.
    fn believe(&mut self, end: &End) -> Result<(), ArchiveError> {
        if hex(&self.hash.clone().finalize()) != end.sha256 {
            return Err(ArchiveError::Changed);
        }
        if (end.events, end.position) != (self.events, Position(self.events)) {
            return Err(ArchiveError::Contradiction("events"));
        }
        if end.credentials != self.credentials {
            return Err(ArchiveError::Contradiction("credentials"));
        }
        if end.proofs != self.proofs {
            return Err(ArchiveError::Contradiction("proofs"));
        }
        let last = std::mem::take(&mut self.line);
        if self.next_line()? {
            return Err(self.damaged("lines after the last one"));
        }
        self.line = last;
        Ok(())
    }

    /// Reads one line; `false` at the end.
    fn next_line(&mut self) -> Result<bool, ArchiveError> {
        self.line.clear();
        let mut part = (&mut self.lines).take(MAX_LINE as u64);
        match part.read_until(b'\n', &mut self.line) {
            Ok(0) => return Ok(false),
            Ok(_) => self.number += 1,
            Err(error) => return Err(self.broken(&error)),
        }
        match self.line.last() {
            Some(b'\n') => Ok(true),
            _ if self.line.len() == MAX_LINE => Err(self.damaged("a line that is too long")),
            _ => Err(ArchiveError::CutOff(self.number)),
        }
    }

    fn parse(&self) -> Result<Line<'_>, ArchiveError> {
        serde_json::from_slice(&self.line).map_err(|error| {
            self.damaged(format!("{:?} error at column {}", error.classify(), error.column()))
        })
    }

    fn broken(&self, error: &io::Error) -> ArchiveError {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => ArchiveError::CutOff(self.number),
            _ => ArchiveError::Damaged { line: self.number + 1, what: error.to_string() },
        }
    }

    fn damaged(&self, what: impl Into<String>) -> ArchiveError {
        ArchiveError::Damaged { line: self.number, what: what.into() }
    }
}
