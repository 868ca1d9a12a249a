//! Lines about the end of a process: shells, the kernel, service managers, container runtimes, cargo, `go run`.
//!
//! A process that dies without a word leaves only these. Beside a panic they are its consequence; on their own
//! a signal or the out-of-memory killer is all there is to classify.

use super::{Opener, Start};
use serde::Serialize;

/// The signal that ended a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Signal {
    /// SIGSEGV
    Segv,
    /// SIGBUS
    Bus,
    /// SIGILL
    Ill,
    /// SIGFPE
    Fpe,
    /// SIGTRAP
    Trap,
    /// SIGABRT
    Abrt,
    /// SIGKILL
    Kill,
    /// SIGTERM or SIGINT: somebody asked.
    Term,
}

impl Signal {
    /// The name with its prefix.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Signal::Segv => "SIGSEGV",
            Signal::Bus => "SIGBUS",
            Signal::Ill => "SIGILL",
            Signal::Fpe => "SIGFPE",
            Signal::Trap => "SIGTRAP",
            Signal::Abrt => "SIGABRT",
            Signal::Kill => "SIGKILL",
            Signal::Term => "SIGTERM",
        }
    }

    fn by_number(number: u32) -> Option<Signal> {
        Some(match number {
            4 => Signal::Ill,
            5 => Signal::Trap,
            6 => Signal::Abrt,
            7 => Signal::Bus,
            8 => Signal::Fpe,
            9 => Signal::Kill,
            11 => Signal::Segv,
            2 | 15 => Signal::Term,
            _ => return None,
        })
    }
}

/// How a process ended, by one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ending {
    /// The signal, where there was one.
    pub signal: Option<Signal>,
    /// The exit code, where there was one.
    pub code: Option<u32>,
    /// Whether the out-of-memory killer did it.
    pub oom: bool,
    /// Whether a manager says that it starts the process again and again.
    pub restarting: bool,
    /// The line, shortened.
    pub text: String,
}

impl Ending {
    /// Whether it is a crash on its own, without a report beside it.
    #[must_use]
    pub const fn is_crash(&self) -> bool {
        self.oom || matches!(self.signal, Some(signal) if !matches!(signal, Signal::Term))
    }
}

/// What shells say, with the signal it means.
const SHELL: [(&str, Signal); 8] = [
    ("Segmentation fault", Signal::Segv),
    ("segmentation fault", Signal::Segv),
    ("Aborted", Signal::Abrt),
    ("Killed", Signal::Kill),
    ("Illegal instruction", Signal::Ill),
    ("illegal instruction", Signal::Ill),
    ("Bus error", Signal::Bus),
    ("Floating point exception", Signal::Fpe),
];

/// Whether a line tells the end of a process.
pub(super) fn begins(line: &str) -> Option<Start> {
    read(line).map(|_| Start { opener: Opener::Exit, at: 0 })
}

/// Reads a line; `None` where it is about something else.
pub(crate) fn read(line: &str) -> Option<Ending> {
    let text = line.trim();
    let mut ending = Ending {
        signal: None,
        code: None,
        oom: false,
        restarting: false,
        text: crate::plain::shorten(text, 200).into_owned(),
    };
    let known = shell(text, &mut ending)
        || kernel(text, &mut ending)
        || manager(text, &mut ending)
        || container(text, &mut ending)
        || command(text, &mut ending);
    if !known {
        return None;
    }
    // 128 + n is how shells and containers write a signal as a code.
    if let (None, Some(code @ 129..=159)) = (ending.signal, ending.code) {
        ending.signal = Signal::by_number(code - 128);
    }
    Some(ending)
}

/// `bash: line 1: 18712 Aborted (core dumped) cmd`, `zsh: killed ./x`, or the words alone.
fn shell(text: &str, ending: &mut Ending) -> bool {
    for (words, signal) in SHELL {
        let Some(at) = text.find(words) else { continue };
        let (before, after) = (text[..at].trim_end(), &text[at + words.len()..]);
        let alone = before.is_empty() && (after.is_empty() || after.trim() == "(core dumped)");
        let pid = before.rsplit(' ').next().unwrap_or_default();
        let by_shell = before.contains(": line ")
            && pid.bytes().all(|byte| byte.is_ascii_digit())
            && after.starts_with([' ', '(']);
        let zsh = before == "zsh:" && after.starts_with(' ');
        if alone || by_shell || zsh {
            ending.signal = Some(signal);
            return true;
        }
    }
    false
}

/// The kernel's own lines.
fn kernel(text: &str, ending: &mut Ending) -> bool {
    if text.contains("ut of memory: Killed process")
        || text.contains("ut of memory: Kill process")
        || text.contains("oom-kill:constraint=")
    {
        ending.oom = true;
        ending.signal = Some(Signal::Kill);
        return true;
    }
    if text.contains("]: segfault at ") || text.contains("general protection") && text.contains(" ip:") {
        ending.signal = Some(Signal::Segv);
        return true;
    }
    if text.contains("trap invalid opcode") {
        ending.signal = Some(Signal::Ill);
        return true;
    }
    false
}

/// systemd: `Main process exited, code=killed, status=6/ABRT`, `Failed with result 'oom-kill'`.
fn manager(text: &str, ending: &mut Ending) -> bool {
    if text.contains("Failed with result 'oom-kill'") || text.contains("killed by the OOM killer") {
        ending.oom = true;
        ending.signal = Some(Signal::Kill);
        return true;
    }
    let Some(at) = text.find("process exited, code=") else { return false };
    let rest = &text[at..];
    let status = rest.split("status=").nth(1).map_or(0, leading_number);
    if rest.contains("code=killed") || rest.contains("code=dumped") {
        ending.signal = Signal::by_number(status);
    } else {
        ending.code = Some(status);
    }
    true
}

/// Containers: `web-1 exited with code 137`, `Reason: OOMKilled`, `Exit Code: 139`, `CrashLoopBackOff`.
fn container(text: &str, ending: &mut Ending) -> bool {
    if text.contains("OOMKilled") {
        let behind = text.split_once("OOMKilled").map_or("", |(_, behind)| behind);
        let behind: String = behind.chars().take(12).collect();
        ending.oom = !behind.contains("false");
        ending.signal = ending.oom.then_some(Signal::Kill);
        return ending.oom;
    }
    if text.contains("CrashLoopBackOff") || text.contains("Back-off restarting failed container") {
        ending.restarting = true;
        return true;
    }
    for words in ["exited with code ", "Exit Code:"] {
        if let Some(at) = text.find(words) {
            ending.code = Some(leading_number(text[at + words.len()..].trim_start()));
            return true;
        }
    }
    false
}

/// What runs commands: cargo's `(signal: 6, SIGABRT: …)`, Go's `exit status 2`, `terminated by signal 11`.
fn command(text: &str, ending: &mut Ending) -> bool {
    if let Some(at) = text.find("(signal: ") {
        ending.signal = Signal::by_number(leading_number(&text[at + "(signal: ".len()..]));
        return ending.signal.is_some();
    }
    if let Some(at) = text.find("terminated by signal ") {
        ending.signal = Signal::by_number(leading_number(&text[at + "terminated by signal ".len()..]));
        return ending.signal.is_some();
    }
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    for words in ["exit status ", "exit status: ", "exit code ", "exit code: "] {
        let rest = bare.strip_prefix(words).or_else(|| {
            text.split_once(words).filter(|_| text.contains("didn't exit successfully")).map(|(_, rest)| rest)
        });
        if let Some(rest) = rest {
            ending.code = Some(leading_number(rest));
            return rest.starts_with(|c: char| c.is_ascii_digit());
        }
    }
    false
}

fn leading_number(text: &str) -> u32 {
    let end = text.bytes().take_while(u8::is_ascii_digit).count();
    text[..end].parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_of_every_kind() {
        for (line, signal, code, oom) in [
            (
                "bash: line 1: 18712 Aborted                 (core dumped) /srv/x abort",
                Some(Signal::Abrt),
                None,
                false,
            ),
            ("bash: line 1: 18718 Killed                  /srv/x relock", Some(Signal::Kill), None, false),
            ("Segmentation fault (core dumped)", Some(Signal::Segv), None, false),
            ("Segmentation fault", Some(Signal::Segv), None, false),
            (
                "mapd.service: Main process exited, code=killed, status=6/ABRT",
                Some(Signal::Abrt),
                None,
                false,
            ),
            ("mapd.service: Main process exited, code=exited, status=101/n/a", None, Some(101), false),
            ("web-1 exited with code 137", Some(Signal::Kill), Some(137), false),
            ("Memory cgroup out of memory: Killed process 123 (mapd)", Some(Signal::Kill), None, true),
            ("mapd[12]: segfault at 0 ip 00 sp 00 error 4 in mapd", Some(Signal::Segv), None, false),
            (
                "process didn't exit successfully: `x` (signal: 11, SIGSEGV: invalid memory reference)",
                Some(Signal::Segv),
                None,
                false,
            ),
            ("process didn't exit successfully: `x` (exit status: 101)", None, Some(101), false),
            ("[exit status 134]", Some(Signal::Abrt), Some(134), false),
            ("    Exit Code:    139", Some(Signal::Segv), Some(139), false),
        ] {
            let ending = read(line).expect(line);
            assert_eq!((ending.signal, ending.code, ending.oom), (signal, code, oom), "{line}");
        }
        for line in [
            "Killed the old job in 3ms",
            "Aborted by user request",
            "INFO exit status page loaded",
            "order 5 Killed it",
        ] {
            assert_eq!(read(line), None, "{line}");
        }
    }
}
