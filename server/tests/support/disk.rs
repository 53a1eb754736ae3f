//! A disk that fails while a server runs on it: `disk.c`, compiled once and put between the server
//! and the C library.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The fields of the file that steers it, in the order of `struct control` in `disk.c`.
#[derive(Debug, Clone, Copy)]
#[repr(u64)]
pub(crate) enum Field {
    /// 1: there is room for [`Field::Room`] bytes more.
    Full,
    Room,
    /// Masks of kinds of files: [`DB`], [`WAL`].
    EioWrite,
    EioRead,
    EioFsync,
    /// How many of these failures are left; -1 is no end.
    EioLeft,
    FsyncMicros,
    ShortEvery,
    ClockMillis,
    /// How many acknowledgements the test has seen.
    Acks,
    SnapWant,
    SnapSkip,
    SnapTorn,
    SnapDone,
    /// How many failures were made.
    Faults,
}

/// The database.
pub(crate) const DB: i64 = 1;
/// Its write-ahead log.
pub(crate) const WAL: i64 = 2;

/// The disk under a folder.
pub(crate) struct Disk {
    control: File,
    environment: Vec<(&'static str, String)>,
    shadow: PathBuf,
    /// Its own files are elsewhere, so that nothing of them is in the folder.
    _own: tempfile::TempDir,
}

impl Disk {
    /// A sound disk under a folder.
    pub(crate) fn under(folder: &Path) -> Self {
        Self::new(folder, false)
    }

    /// The same; what has reached it is followed, for [`Disk::power_loss`].
    pub(crate) fn shadowed(folder: &Path) -> Self {
        Self::new(folder, true)
    }

    fn new(folder: &Path, shadowed: bool) -> Self {
        let own = tempfile::tempdir().expect("a temporary folder");
        let shadow = own.path().join("shadow");
        std::fs::create_dir(&shadow).expect("a folder");
        let path = own.path().join("control");
        std::fs::write(&path, [0; 4096]).expect("a file");
        let control = File::options().read(true).write(true).open(&path).expect("a file");
        let folder = folder.canonicalize().expect("the folder is there");
        let mut environment = vec![
            ("LD_PRELOAD", library().display().to_string()),
            ("SISKIN_FAULT_DIR", folder.display().to_string()),
            ("SISKIN_FAULT_CONTROL", path.display().to_string()),
        ];
        if shadowed {
            environment.push(("SISKIN_FAULT_SHADOW", shadow.display().to_string()));
        }
        let disk = Self { control, environment, shadow, _own: own };
        disk.set(Field::EioLeft, -1);
        disk
    }

    /// What a process needs in its environment to be on this disk.
    pub(crate) fn environment(&self) -> Vec<(&str, &str)> {
        self.environment.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }

    /// Changes something about it, at once.
    pub(crate) fn set(&self, field: Field, value: i64) {
        self.control.write_all_at(&value.to_ne_bytes(), field as u64 * 8).expect("it is steered");
    }

    /// How it is.
    pub(crate) fn get(&self, field: Field) -> i64 {
        let mut value = [0; 8];
        self.control.read_exact_at(&mut value, field as u64 * 8).expect("it tells");
        i64::from_ne_bytes(value)
    }

    /// From now on there is room for so many bytes.
    pub(crate) fn leave(&self, bytes: i64) {
        self.set(Field::Room, bytes);
        self.set(Field::Full, 1);
    }

    /// There is room again.
    pub(crate) fn make_room(&self) {
        self.set(Field::Full, 0);
    }

    /// Asks for the content of the disk as a power loss would leave it after so many operations
    /// more; with a seed some of what was not synced is there, too.
    pub(crate) fn lose_power(&self, number: i64, after: i64, torn: i64) {
        self.set(Field::SnapSkip, after);
        self.set(Field::SnapTorn, torn);
        self.set(Field::SnapWant, number);
    }

    /// What [`Disk::lose_power`] asked for, once it is there: the folder as it would be found, and
    /// how many acknowledgements had been seen before.
    pub(crate) fn lost(&self, number: i64) -> Option<(PathBuf, usize)> {
        if self.get(Field::SnapDone) < number {
            return None;
        }
        let acks = self.shadow.join(format!("snap-{number}.acks"));
        let acks = std::fs::read_to_string(acks).expect("it was noted");
        Some((self.shadow.join(format!("snap-{number}")), acks.parse().expect("a number")))
    }
}

/// The library, compiled by this machine's C compiler.
fn library() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/disk.c");
        let name = format!("disk-{}.so", std::process::id());
        let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
        let done = Command::new(compiler)
            .args(["-std=gnu11", "-O2", "-shared", "-fPIC", "-o"])
            .args([&library, &source])
            .args(["-ldl", "-lpthread"])
            .status();
        assert!(done.expect("a C compiler is there").success(), "disk.c compiles");
        library
    })
}
