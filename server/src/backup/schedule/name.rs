//! Names of backups: `siskin-20261124T201136Z.db`.

use siskin_domain::Timestamp;

use crate::backup::Kind;

/// The name of a backup that was begun then.
#[must_use]
pub fn name(at: Timestamp, kind: Kind) -> String {
    let (year, month, day, hour, minute, second, _) = at.parts();
    let ending = kind.ending();
    format!("siskin-{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z{ending}")
}

/// When a backup of this name was begun, to the second; `None` for any other name.
#[must_use]
pub fn made_at(file: &str) -> Option<(Timestamp, Kind)> {
    let kinds = [Kind::Database, Kind::Archive];
    let kind = kinds.into_iter().find(|kind| file.ends_with(kind.ending()))?;
    let digits = file.strip_prefix("siskin-")?.strip_suffix(kind.ending())?;
    let part = |from: usize, to: usize| digits.get(from..to);
    let text = format!(
        "{}-{}-{}{}:{}:{}.000{}",
        part(0, 4)?,
        part(4, 6)?,
        part(6, 8)?,
        part(8, 11)?,
        part(11, 13)?,
        part(13, 15)?,
        digits.get(15..)?
    );
    let at: Timestamp = text.parse().ok()?;
    (name(at, kind) == file).then_some((at, kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_others_are_not_ours() {
        let at: Timestamp = "2026-11-24T20:11:36.042Z".parse().unwrap();
        let second: Timestamp = "2026-11-24T20:11:36.000Z".parse().unwrap();
        assert_eq!(name(at, Kind::Database), "siskin-20261124T201136Z.db");
        for kind in [Kind::Database, Kind::Archive] {
            assert_eq!(made_at(&name(at, kind)), Some((second, kind)));
        }
        for other in [
            "siskin.db",
            "siskin-20261124T201136Z.db.part",
            "siskin-20261124T201136Z",
            "siskin-20261324T201136Z.db",
            "siskin-20261124T201136.db",
            "my-siskin-20261124T201136Z.db",
            "siskin-20261124T201136Z.old.db",
            "siskin-２０２６1124T201136Z.db",
        ] {
            assert_eq!(made_at(other), None, "{other}");
        }
    }
}
