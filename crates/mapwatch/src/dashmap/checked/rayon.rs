//! Parallel iterators, under the original's names.
//!
//! The caller's own guards are judged before the walk begins: it waits until all workers are through, whoever of them
//! stands behind it. Each item is a guard of the worker that has it. The site is that of `into_par_iter`; `par_iter`
//! is rayon's own function, so its caller shows in the stacks alone.

pub mod map;
pub mod read_only;
pub mod set;
