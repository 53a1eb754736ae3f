//! The process, as Linux tells of it; nothing elsewhere.

/// What does not change while a process runs.
pub(super) struct Process {
    #[cfg(target_os = "linux")]
    linux: linux::Linux,
}

impl Process {
    /// This one.
    pub(super) fn find() -> Self {
        Self {
            #[cfg(target_os = "linux")]
            linux: linux::Linux::find(),
        }
    }

    /// Adds what it tells to the text of all metrics. The recorder's own counters are whole
    /// numbers, and processor time is none.
    pub(super) fn render(&self, text: &mut String) {
        #[cfg(target_os = "linux")]
        self.linux.render(text);
        #[cfg(not(target_os = "linux"))]
        let _ = text;
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fs;

    use crate::telemetry::names;

    pub(super) struct Linux {
        ticks_per_second: f64,
        page_size: f64,
        /// When the machine began, in Unix time.
        boot: Option<f64>,
    }

    impl Linux {
        pub(super) fn find() -> Self {
            let stat = fs::read_to_string("/proc/stat").unwrap_or_default();
            let boot =
                stat.lines().find_map(|line| line.strip_prefix("btime ")?.trim().parse().ok());
            Self {
                ticks_per_second: rustix::param::clock_ticks_per_second() as f64,
                page_size: rustix::param::page_size() as f64,
                boot,
            }
        }

        /// What can't be read is left out.
        pub(super) fn render(&self, text: &mut String) {
            let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
            if let Some(stat) = Stat::read(&stat) {
                let cpu = (stat.user + stat.system) / self.ticks_per_second;
                names::render("process_cpu_seconds_total", cpu, text);
                let resident = stat.resident * self.page_size;
                names::render("process_resident_memory_bytes", resident, text);
                if let Some(boot) = self.boot {
                    let begun = boot + stat.begun / self.ticks_per_second;
                    names::render("process_start_time_seconds", begun, text);
                }
            }
            if let Ok(open) = fs::read_dir("/proc/self/fd") {
                // The one that reads the folder is not counted.
                names::render("process_open_fds", open.count().saturating_sub(1) as f64, text);
            }
            let most = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
            let most = most.map_or(-1.0, |most| most as f64);
            names::render("process_max_fds", most, text);
        }
    }

    struct Stat {
        user: f64,
        system: f64,
        begun: f64,
        resident: f64,
    }

    impl Stat {
        /// proc_pid_stat(5). The name in the second field may hold anything, a bracket included.
        fn read(text: &str) -> Option<Self> {
            let rest = &text[text.rfind(')')? + 2..];
            // The first of them is the third field of all.
            let fields: Vec<&str> = rest.split(' ').collect();
            let field = |number: usize| fields.get(number - 3)?.trim().parse().ok();
            Some(Self {
                user: field(14)?,
                system: field(15)?,
                begun: field(22)?,
                resident: field(24)?,
            })
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_name_with_a_bracket_moves_no_field() {
            let text = "7 (a) b) S 1 7 7 0 -1 4194304 1 2 3 4 50 60 0 0 20 0 9 0 1234 99 777 18";
            let stat = Stat::read(text).unwrap();
            assert_eq!((stat.user, stat.system), (50.0, 60.0));
            assert_eq!((stat.begun, stat.resident), (1234.0, 777.0));
        }

        #[test]
        fn this_process_is_read() {
            let stat = Stat::read(&fs::read_to_string("/proc/self/stat").unwrap()).unwrap();
            assert!(stat.resident > 100.0 && stat.begun > 0.0);
            assert!(Linux::find().boot.unwrap() > 1e9);
        }
    }
}
