//! A file that appears whole or not at all.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use super::ArchiveError;

/// An archive under a temporary name beside its own. It is removed if it is not published.
#[derive(Debug)]
pub struct Draft {
    path: PathBuf,
    part: PathBuf,
    force: bool,
    published: bool,
}

impl Draft {
    /// Makes the temporary file, readable by its owner only: it will hold password hashes.
    ///
    /// # Errors
    /// [`ArchiveError::Exists`] or [`ArchiveError::PartExists`], unless forced;
    /// [`ArchiveError::File`] if it can't be made.
    pub fn create(path: &Path, force: bool) -> Result<(Self, File), ArchiveError> {
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        if !force && path.symlink_metadata().is_ok() {
            return Err(ArchiveError::Exists(path.to_owned()));
        }
        if force && part.is_file() {
            std::fs::remove_file(&part).map_err(|error| wrong(&part, error))?;
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&part).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => ArchiveError::PartExists(part.clone()),
            _ => wrong(&part, error),
        })?;
        Ok((Self { path: path.to_owned(), part, force, published: false }, file))
    }

    /// Where the temporary file is.
    #[must_use]
    pub fn part(&self) -> &Path {
        &self.part
    }

    /// Gives the file its name once all of it is on disk.
    ///
    /// # Errors
    /// [`ArchiveError::Exists`] if a file has come there meanwhile, unless forced;
    /// [`ArchiveError::File`] if the disk refuses.
    pub fn publish(mut self, file: File) -> Result<(), ArchiveError> {
        file.sync_all().map_err(|error| wrong(&self.part, error))?;
        drop(file);
        if !self.force && self.path.symlink_metadata().is_ok() {
            return Err(ArchiveError::Exists(self.path.clone()));
        }
        std::fs::rename(&self.part, &self.path).map_err(|error| wrong(&self.path, error))?;
        self.published = true;
        sync_folder(&self.path)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.published {
            let _ = std::fs::remove_file(&self.part);
        }
    }
}

/// The new name is on disk only when its folder is.
fn sync_folder(path: &Path) -> Result<(), ArchiveError> {
    if cfg!(unix) {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        File::open(folder)
            .and_then(|folder| folder.sync_all())
            .map_err(|error| wrong(folder, error))?;
    }
    Ok(())
}

fn wrong(path: &Path, error: io::Error) -> ArchiveError {
    ArchiveError::File { path: path.to_owned(), error }
}
