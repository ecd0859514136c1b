//! How the program ends: exit codes, and failures in words.

use crate::speech::tell;

/// The exit codes, a promise to scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// 0: all done.
    Done,
    /// 1: some files were quarantined or failed.
    Some,
    /// 2: the command line, or a file that it names as a setting, cannot be used.
    Usage,
    /// 3: nothing was done.
    Nothing,
}

impl Exit {
    /// The code.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Exit::Done => 0,
            Exit::Some => 1,
            Exit::Usage => 2,
            Exit::Nothing => 3,
        }
    }
}

/// Why the program stops: what is wrong, and what the user can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl Failure {
    /// A setting that cannot be used.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Failure { exit: Exit::Usage, message: message.into(), hint: None }
    }

    /// Something outside the program kept it from doing anything.
    pub(crate) fn nothing_done(message: impl Into<String>) -> Self {
        Failure { exit: Exit::Nothing, message: message.into(), hint: None }
    }

    /// The same with a hint on what to do.
    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Failure { hint: Some(hint.into()), ..self }
    }

    /// Says it on stderr.
    pub(crate) fn tell(&self) {
        tell(&format!("error: {}", self.message));
        if let Some(hint) = &self.hint {
            tell(&format!("hint: {hint}"));
        }
    }
}
