//! The binary: arguments in, exit code out. Everything else is in the library beside it.

/// What a thread decodes, the viewer's own thread lets go: see the manifest.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    mapview::cli::main()
}
