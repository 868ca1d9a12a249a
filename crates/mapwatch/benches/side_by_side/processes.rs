//! Manners of watching side by side, each in processes of its own, because a process has one manner from its first
//! access on. They take turns, and each figure is the least of all rounds.

use std::process::Command;

/// Column, what its process is to measure, and the variables that it is told.
pub(crate) type Manner = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

/// The figures of each work, a column for each manner. In a process of one manner it calls `measure`, which prints a
/// line for each work (its name, a tab, its figure), and gives nothing.
pub(crate) fn compare<const N: usize>(
    manners: &[Manner; N],
    rounds: usize,
    measure: impl FnOnce(&str),
) -> Option<Vec<(String, [f64; N])>> {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, word, kind, ..] = &arguments[..]
        && word == "--measure"
    {
        measure(kind);
        return None;
    }
    let mut works: Vec<(String, [f64; N])> = Vec::new();
    for _ in 0..rounds {
        for (column, manner) in manners.iter().enumerate() {
            for (work, figure) in run(manner) {
                let at = works.iter().position(|(known, _)| *known == work).unwrap_or_else(|| {
                    works.push((work, [f64::INFINITY; N]));
                    works.len() - 1
                });
                let least = &mut works[at].1[column];
                *least = least.min(figure);
            }
        }
    }
    Some(works)
}

/// What one process of a manner measured: work and figure.
fn run((_, kind, told): &Manner) -> Vec<(String, f64)> {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--measure", kind]);
    for variable in ["MAPWATCH", "MAPWATCH_OUT", "MAPWATCH_PROVOKE"] {
        command.env_remove(variable);
    }
    let output = command.envs(told.iter().copied()).output().unwrap();
    assert!(output.status.success(), "{kind}: {}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout).unwrap();
    let figures = lines.lines().filter_map(|line| line.split_once('\t'));
    figures.map(|(work, figure)| (work.to_owned(), figure.parse().unwrap())).collect()
}
