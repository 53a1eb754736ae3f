//! A progress bar on standard error, if that is a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use siskin_server::archive::{Observer, Stage};

/// Shows how far a long job is. It draws nothing where nobody would see it.
pub(super) struct Bar(ProgressBar);

impl Bar {
    /// A bar that appears when a stage begins.
    pub(super) fn new() -> Self {
        Self(ProgressBar::hidden())
    }
}

impl Observer for Bar {
    fn begin(&mut self, stage: Stage, steps: u64) {
        self.0.finish_and_clear();
        // The target hides itself unless it is a terminal.
        self.0 = ProgressBar::with_draw_target(Some(steps), ProgressDrawTarget::stderr());
        let template = "{msg:>9} [{bar:40}] {human_pos}/{human_len}, {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            self.0.set_style(style);
        }
        self.0.set_message(match stage {
            Stage::Exporting => "exporting",
            Stage::Checking => "checking",
            Stage::Importing => "importing",
            Stage::Verifying => "verifying",
        });
    }

    fn done(&mut self, steps: u64) {
        self.0.set_position(steps);
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
