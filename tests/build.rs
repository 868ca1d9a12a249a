//! Swaps the watched types into the cases, by the rule that users are given, and puts them all into one program.
//!
//! A case stands as it was reported, with the original types. Only lines marked `// MAP-IMPORT` change: `std::`
//! falls away, `mapwatch::` is put before the path. Lines keep their numbers, and files their names.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

const GROUPS: [&str; 3] = ["must-catch", "must-stay-silent", "judgement"];

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default()).join("cases");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    println!("cargo::rerun-if-changed={}", root.display());
    let mut modules = String::new();
    let mut table = String::from("const CASES: &[(&str, fn())] = &[\n");
    for group in GROUPS {
        let mut files: Vec<PathBuf> = fs::read_dir(root.join(group))?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()?;
        files.sort();
        for file in files {
            println!("cargo::rerun-if-changed={}", file.display());
            let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let source = fs::read_to_string(&file)?;
            let swapped = out.join(group).join(format!("{name}.rs"));
            write_where_new(&swapped, &swap(&source))?;
            let module = name.replace('-', "_");
            let _ =
                writeln!(modules, "#[allow(warnings, clippy::all)]\n#[path = {swapped:?}]\nmod {module};");
            let _ = writeln!(table, "    ({name:?}, {module}::main),");
        }
    }
    write_where_new(&out.join("corpus.rs"), &format!("{modules}\n{table}];\n"))
}

/// The same program over the watched types, line by line.
fn swap(source: &str) -> String {
    let line = |line: &str| {
        if line.contains("// MAP-IMPORT") {
            line.replacen("use std::", "use ", 1).replacen("use ", "use mapwatch::", 1)
        } else if line.starts_with("fn main(") || line.starts_with("async fn main(") {
            format!("pub {line}")
        } else {
            line.to_owned()
        }
    };
    source.lines().map(|text| line(text) + "\n").collect()
}

/// Untouched files are not compiled again.
fn write_where_new(path: &Path, text: &str) -> io::Result<()> {
    if fs::read_to_string(path).is_ok_and(|there| there == text) {
        return Ok(());
    }
    fs::create_dir_all(path.parent().unwrap_or(path))?;
    fs::write(path, text)
}
