//! What watching costs: std's collections beside the always-checked ones, in one run.
//!
//! `cargo bench -p mapwatch --bench collections`

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use mapwatch::collections::{checked, original};
use std::hint::black_box;

/// Keys spread over the table, none of them twice.
fn key(index: u64) -> u64 {
    index.wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

macro_rules! measure {
    ($criterion:ident, $name:expr, $map:ty, $size:ident) => {{
        let mut map: $map = (0..$size).map(|index| (key(index), index)).collect();
        let mut group = $criterion.benchmark_group($name);
        let mut next = 0;
        let mut turn = move || {
            next = (next + 1) % $size;
            key(next)
        };
        group.bench_function(BenchmarkId::new("get", $size), |bench| {
            bench.iter(|| map.get(black_box(&turn())).copied());
        });
        group.bench_function(BenchmarkId::new("insert_existing", $size), |bench| {
            bench.iter(|| map.insert(black_box(turn()), 1));
        });
        let mut fresh = $size;
        group.bench_function(BenchmarkId::new("insert_new_and_remove", $size), |bench| {
            bench.iter(|| {
                fresh += 1;
                map.insert(black_box(key(fresh)), 1);
                map.remove(black_box(&key(fresh)))
            });
        });
        group.bench_function(BenchmarkId::new("iterate", $size), |bench| {
            bench.iter(|| {
                let mut sum = 0_u64;
                for (_, value) in &map {
                    sum = sum.wrapping_add(*value);
                }
                sum
            });
        });
        drop(map);
        group.sample_size(10);
        group.bench_function(BenchmarkId::new("insert_new", $size), |bench| {
            bench.iter_batched(
                <$map>::new,
                |mut map| {
                    for index in 0..$size {
                        map.insert(key(index), index);
                    }
                    map
                },
                BatchSize::LargeInput,
            );
        });
        group.bench_function(BenchmarkId::new("remove", $size), |bench| {
            bench.iter_batched(
                || (0..$size).map(|index| (key(index), index)).collect::<$map>(),
                |mut map| {
                    for index in 0..$size {
                        map.remove(&key(index));
                    }
                    map
                },
                BatchSize::LargeInput,
            );
        });
        group.finish();
    }};
}

macro_rules! family {
    ($name:ident, $map:ident) => {
        fn $name(criterion: &mut Criterion) {
            for size in [1_000_u64, 1_000_000] {
                measure!(criterion, concat!(stringify!($name), "/std"), original::$map<u64, u64>, size);
                measure!(criterion, concat!(stringify!($name), "/checked"), checked::$map<u64, u64>, size);
            }
        }
    };
}

family!(hash_map, HashMap);
family!(btree_map, BTreeMap);

criterion_group!(benches, hash_map, btree_map);
criterion_main!(benches);
