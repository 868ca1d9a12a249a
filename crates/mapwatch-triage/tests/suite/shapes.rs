//! Shapes of reports that the labelled logs do not have: told from the runtimes' sources and crates' docs.

use mapwatch_triage::Triage;

/// `category ×count +secondary place`, one line per group.
fn read(text: &str) -> String {
    let mut triage = Triage::new().workers(1);
    triage.read_bytes("x", text.as_bytes());
    let mut lines: Vec<String> = triage
        .finish()
        .groups
        .iter()
        .map(|group| {
            let place = group
                .location
                .as_ref()
                .map(|site| format!(" {}:{}", site.file, site.line))
                .unwrap_or_default();
            format!("{} ×{} +{}{place}", group.category.code(), group.count, group.secondary)
        })
        .collect();
    lines.sort();
    lines.join("\n")
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(read(text), expected, "\n{text}");
}

#[test]
fn json_hooks_that_never_say_panicked_at() {
    for line in [
        r#"{"level":"ERROR","message":"application panicked","payload":"index out of bounds: the len is 0 but the index is 4","location":"src/m.rs:25:64"}"#,
        r#"{"level":"fatal","msg":"panic occurred","panic":{"message":"index out of bounds: the len is 0 but the index is 4","location":"src/m.rs:25:64"}}"#,
        r#"{"@timestamp":"2026-11-23T15:38:02Z","log.level":"error","message":"A panic occurred","panic.payload":"index out of bounds: the len is 0 but the index is 4","panic.location":"src/m.rs:25:64"}"#,
        r#"{"v":0,"name":"svc","level":50,"pid":7,"time":"2026-11-23T15:38:02Z","msg":"thread 'main' panicked at src/m.rs:25:64:\nindex out of bounds: the len is 0 but the index is 4"}"#,
        r#"{"level":"error","msg":"thread panicked","panic_payload":"index out of bounds: the len is 0 but the index is 4","file":"src/m.rs","line":25,"column":64}"#,
    ] {
        check(line, "index-out-of-bounds ×1 +0 src/m.rs:25");
    }
}

#[test]
fn json_records_line_by_line() {
    let text = "{\"level\":\"info\",\"msg\":\"start\",\"pid\":7}\n\
        {\"level\":\"error\",\"msg\":\"thread 'main' panicked at src/m.rs:25:64:\",\"pid\":7}\n\
        {\"level\":\"info\",\"msg\":\"other\",\"pid\":8}\n\
        {\"level\":\"error\",\"msg\":\"attempt to divide by zero\",\"pid\":7}\n";
    check(text, "divide-by-zero ×1 +0 src/m.rs:25");
}

#[test]
fn journald_in_its_other_forms() {
    let bytes: Vec<String> =
        "\u{1b}[31mthread 'm' panicked at src/m.rs:2:3:\u{1b}[0m\nattempt to divide by zero"
            .bytes()
            .map(|b| b.to_string())
            .collect();
    check(
        &format!(
            "{{\"MESSAGE\":[{}],\"_PID\":\"7\",\"__REALTIME_TIMESTAMP\":\"1795449118123456\"}}",
            bytes.join(",")
        ),
        "divide-by-zero ×1 +0 src/m.rs:2",
    );
    let export =
        |message: &str| format!("__CURSOR=s=1\n_HOSTNAME=h\n_PID=7\nMESSAGE={message}\nPRIORITY=3\n\n");
    let text = export("thread 'm' panicked at src/m.rs:2:3:")
        + &export("attempt to divide by zero")
        + &export("note: run with `RUST_BACKTRACE=1`");
    check(&text, "divide-by-zero ×1 +0 src/m.rs:2");
}

#[test]
fn prefixes_that_nobody_knows() {
    for prefix in [
        "2026-11-23T15:51:58.0000000Z ",
        "app[web.1]: ",
        "[ 12.345678] ",
        "2026/11/23 15:51:58 [worker] ",
        "svc: ",
        "\u{1b}[36mweb |\u{1b}[0m ",
        "I 15:51:58 ",
    ] {
        let lines = [
            "INFO start",
            "thread 'm' panicked at src/m.rs:2:3:",
            "attempt to divide by zero",
            "note: run with `RUST_BACKTRACE=1` environment variable",
            "INFO next",
        ];
        let text: String = lines.iter().map(|line| format!("{prefix}{line}\n")).collect();
        check(&text, "divide-by-zero ×1 +0 src/m.rs:2");
    }
}

#[test]
fn watched_maps_report_themselves() {
    let report = "mapwatch: concurrent map iteration and map write: `insert` on `orders` while task 9 `report` iterates it [concurrent-iteration-write]\n       map  `orders`  HashMap<u32, u32>, made at src/main.rs:21:17\n    holder  iterate  task 9 `report`  at src/report.rs:41:22\n   attempt  insert   task 17 `settle` on thread worker-3  at src/orders.rs:88:14\n     cause  one\n";
    check(report, "concurrent-iteration-write ×1 +0 src/orders.rs:88");
    let panic = "thread 'worker-3' (7) panicked at src/orders.rs:88:14:\nmapwatch: concurrent map iteration and map write: `insert` on `orders` while task 9 `report` iterates it [concurrent-iteration-write]\nnote: run with `RUST_BACKTRACE=1`\n";
    check(&format!("{report}\n{panic}"), "concurrent-iteration-write ×1 +1 src/orders.rs:88");
}

#[test]
fn go_panics_of_every_kind() {
    let block = "\ngoroutine 1 [running]:\nmain.f(0x1)\n\t/app/main.go:7 +0x1d\n";
    for (head, expected) in [
        (
            "panic: runtime error: invalid memory address or nil pointer dereference\n[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x1]\n",
            "nil-deref",
        ),
        ("panic: runtime error: index out of range [5] with length 3\n", "index-out-of-bounds"),
        ("panic: runtime error: integer divide by zero\n[signal SIGFPE: x]\n", "divide-by-zero"),
        ("panic: interface conversion: interface {} is string, not int\n", "type-assertion"),
        ("panic: assignment to entry in nil map\n", "nil-map"),
        ("panic: first [recovered]\n\tpanic: second\n", "explicit-panic"),
        ("panic: boom [recovered, repanicked]\n", "explicit-panic"),
        ("panic: main.MyErr{Code:7} [recovered]\n", "explicit-panic"),
        ("fatal error: all goroutines are asleep - deadlock!\n", "deadlock"),
        (
            "fatal error: stack overflow\n\nruntime stack:\nruntime.throw({0x1, 0x2})\n\t/usr/local/go/src/runtime/panic.go:1 +0x1\n",
            "stack-overflow",
        ),
        ("fatal error: runtime: out of memory\n", "oom"),
        ("fatal error: unexpected signal during runtime execution\n[signal SIGSEGV: x]\n", "ub-or-segfault"),
        ("panic: sync: negative WaitGroup counter\n", "sync-misuse"),
        (
            "2026/11/23 15:51:58 http: panic serving 10.0.0.1:51234: runtime error: index out of range [5] with length 3\n",
            "index-out-of-bounds",
        ),
    ] {
        let text = format!("{head}{block}");
        assert_eq!(read(&text), format!("{expected} ×1 +0 /app/main.go:7"), "\n{text}");
    }
}

#[test]
fn go_programs_that_recover_and_log_fields() {
    let stack = "goroutine 7 [running]:\nruntime/debug.Stack()\n\t/usr/local/go/src/runtime/debug/stack.go:26 +0x5e\npanic({0x6c1a40?, 0xc0001a2000?})\n\t/usr/local/go/src/runtime/panic.go:785 +0x132\nmain.pick(...)\n\t/app/pick.go:12\n";
    let error = "runtime error: index out of range [5] with length 3";
    let record = serde_json::json!({ "level": "error", "msg": "recovered from panic", "error": error, "stacktrace": stack });
    let logfmt = format!(
        "time=2026-11-24T10:00:00Z level=ERROR msg=\"recovered from panic\" err={error:?} stack={stack:?}"
    );
    let served = format!("2026/11/24 10:00:00 http: panic serving 10.1.2.3:51432: {error}\n{stack}");
    for text in [record.to_string(), logfmt, served] {
        check(&text, "index-out-of-bounds ×1 +0 /app/pick.go:12");
    }
}

#[test]
fn sanitizers_that_name_the_module() {
    let text = "WARNING: ThreadSanitizer: data race (pid=1)\n  Write of size 8 at 0x7b04 by thread T2:\n    #0 shop::bump /srv/shop/src/main.rs:14:9 (shop+0x9d2f1)\n\nSUMMARY: ThreadSanitizer: data race /srv/shop/src/main.rs:14:9 in shop::bump\n";
    check(text, "data-race ×1 +0 /srv/shop/src/main.rs:14");
}

#[test]
fn followers_are_linked_and_counted_apart() {
    let panic = |thread: &str, line: u32, message: &str| {
        format!("\nthread '{thread}' panicked at src/m.rs:{line}:5:\n{message}\n")
    };
    let poison = "called `Result::unwrap()` on an `Err` value: PoisonError { .. }";
    let index = "index out of bounds: the len is 0 but the index is 3";
    check(
        &(panic("w", 1, index) + &panic("a", 2, poison) + &panic("b", 2, poison)),
        "index-out-of-bounds ×1 +2 src/m.rs:1",
    );
    check(&panic("a", 2, poison), "poisoned-lock ×1 +0 src/m.rs:2");
    let join =
        format!("called `Result::unwrap()` on an `Err` value: JoinError::Panic(Id(3), \"{index}\", ...)");
    check(&(panic("w", 1, index) + &panic("main", 9, &join)), "index-out-of-bounds ×1 +1 src/m.rs:1");
    check(
        &(panic("w", 1, index) + &panic("main", 9, "a scoped thread panicked")),
        "index-out-of-bounds ×1 +1 src/m.rs:1",
    );
    check(
        &(panic("main", 1, "attempt to divide by zero")
            + &panic("main", 9, "panic in a function that cannot unwind")),
        "divide-by-zero ×1 +1 src/m.rs:1",
    );
    let double = panic("main", 1, "first")
        + &panic("main", 2, "bomb in drop")
        + &panic("main", 3, "panic in a destructor during cleanup");
    check(&double, "panic-in-nounwind ×1 +2 src/m.rs:1");
    let hooks = "[2026-11-23T15:38:01Z ERROR panic] thread 'i' panicked at 'attempt to divide by zero': src/m.rs:25\nthread 'i' panicked at src/m.rs:25:7:\nattempt to divide by zero\n";
    check(hooks, "divide-by-zero ×1 +1 src/m.rs:25");
}

#[test]
fn followers_without_a_threads_name_or_with_a_shared_one() {
    let poison = "called `Result::unwrap()` on an `Err` value: PoisonError { .. }";
    let eyre = |message: &str, line: u32| {
        format!(
            "The application panicked (crashed).\nMessage:  {message}\nLocation: src/m.rs:{line}\n\nBacktrace omitted. Run with RUST_BACKTRACE=1 environment variable to display it.\n"
        )
    };
    let index = "index out of bounds: the len is 0 but the index is 3";
    let join =
        format!("called `Result::unwrap()` on an `Err` value: JoinError::Panic(Id(3), \"{index}\", ...)");
    check(&(eyre(index, 1) + &eyre(poison, 2)), "index-out-of-bounds ×1 +1 src/m.rs:1");
    check(&(eyre(index, 1) + &eyre(&join, 2)), "index-out-of-bounds ×1 +1 src/m.rs:1");
    let worker = |line: u32, message: &str| {
        format!("\nthread 'tokio-runtime-worker' (7) panicked at src/m.rs:{line}:5:\n{message}\n")
    };
    check(
        &(worker(1, index) + &worker(2, poison) + &worker(2, poison)),
        "index-out-of-bounds ×1 +2 src/m.rs:1",
    );
    let pretty = |message: &str, line: u32| {
        format!(
            "  2026-11-24T11:54:04.088092Z ERROR tracing_panic: A panic occurred, panic.payload: {message:?}, panic.location: \"src/m.rs:{line}:122\"\n    at src/hook.rs:86\n\n"
        )
    };
    check(&(pretty(index, 1) + &pretty(&join, 2)), "index-out-of-bounds ×1 +1 src/m.rs:1");
}

#[test]
fn diagnostics_that_are_folded() {
    let text = "Error:   × Main thread panicked.\n  ├─▶ at src/m.rs:33:46\n  ╰─▶ index out of bounds: the len is 0 but the\n      index is 3\n         0: 0x55 - __rustc[b7974e8690430dd9]::rust_begin_unwind\n                      at /rustc/59/\n      library/std/src/panicking.rs:689\n         1: 0x56 -\n      shop::handle::hf85a39952f8c1a99\n                      at /srv/shop/src/m.rs:33\n  help: set the `RUST_BACKTRACE=1` environment variable to display a\n        backtrace.\n";
    check(text, "index-out-of-bounds ×1 +0 src/m.rs:33");
    let mut triage = Triage::new().workers(1);
    triage.read_bytes("x", text.as_bytes());
    assert_eq!(triage.finish().groups[0].top_frame, "shop::handle");
    check("Error: shop::cfg\n\n  × the config is bad\n  help: try again\n", "unwrap-err ×1 +0");
}

#[test]
fn a_hooks_own_frames_are_not_the_programs() {
    let trace = "   0: shop::hook\n             at ./src/hook.rs:28:101\n   1: std::panicking::panic_with_hook\n   2: __rustc::rust_begin_unwind\n   3: core::panicking::panic_fmt\n   4: shop::pay\n             at ./src/m.rs:9:5\n";
    let line =
        serde_json::json!({ "message": "service panicked", "location": "src/m.rs:9:5", "backtrace": trace });
    check(&line.to_string(), "explicit-panic ×1 +0 src/m.rs:9");
    let mut triage = Triage::new().workers(1);
    triage.read_bytes("x", line.to_string().as_bytes());
    assert_eq!(triage.finish().groups[0].top_frame, "shop::pay");
}

#[test]
fn tasks_that_told_of_a_panic() {
    check("ERROR task 3 panicked with message \"attempt to divide by zero\"\n", "propagated-panic ×1 +0");
    check(
        "thread 'w' panicked at src/m.rs:1:2:\nattempt to divide by zero\nERROR task 3 panicked with message \"attempt to divide by zero\"\n",
        "divide-by-zero ×1 +0 src/m.rs:1",
    );
}

#[test]
fn ordinary_logs_have_no_panics() {
    let text = "INFO recovered from a network error\nWARN don't panic: all is well\nERROR Error: connection refused\nINFO the worker panicked yesterday\n\
        DEBUG fatal error: foo.h: No such file or directory\nINFO Killed 3 stale sessions\nINFO job Aborted by user\nINFO exit status page loaded\n\
        INFO {\"file\":\"a.rs\",\"line\":3}\nKernel panic handler installed\nI0102 15:04:05.000 7 a.go:3] dont-panic: on\nError: bad input\nINFO next\n";
    check(text, "");
}

#[test]
fn the_same_words_on_different_lines_are_different_bugs() {
    let none = "called `Option::unwrap()` on a `None` value";
    let text = format!(
        "thread 'a' panicked at src/m.rs:3:9:\n{none}\n\nthread 'a' panicked at src/m.rs:50:31:\n{none}\n\nthread 'a' panicked at src/m.rs:5:9:\n{none}\n"
    );
    // The third is the first, pushed down by two lines.
    check(&text, "unwrap-none ×1 +0 src/m.rs:50\nunwrap-none ×2 +0 src/m.rs:3");
}

#[test]
fn old_and_odd_rust_forms() {
    check(
        "thread 'main' panicked at 'index out of bounds: the len is 3 but the index is 9', src/m.rs:4:5\n",
        "index-out-of-bounds ×1 +0 src/m.rs:4",
    );
    check(
        "thread 'main' panicked at 'called `Result::unwrap()` on an `Err` value: \"it's\"', src/libcore/result.rs:1165:5\n",
        "unwrap-err ×1 +0 src/libcore/result.rs:1165",
    );
    check(
        "thread 'a b: c' (12) panicked at C:\\w\\src\\m.rs:4:5:\r\nattempt to divide by zero\r\n",
        "divide-by-zero ×1 +0 C:\\w\\src\\m.rs:4",
    );
    check(
        "thread '<unnamed>' panicked at 'assertion failed: `(left == right)`\n  left: `1`,\n right: `2`: ids', src/m.rs:4:5\n",
        "assertion ×1 +0 src/m.rs:4",
    );
    check(
        "error: Undefined Behavior: Data race detected between (1) non-atomic write on thread `a` and (2) non-atomic read on thread `b` at alloc1\n  --> src/m.rs:7:9\n   |\n7  |         *p\n   |         ^^ Data race\n",
        "data-race ×1 +0 src/m.rs:7",
    );
    check(
        "  × Main thread panicked.\n  ├─▶ at src/m.rs:4:5\n  ╰─▶ attempt to divide by zero\n  help: set the `RUST_BACKTRACE=1` environment variable\n",
        "divide-by-zero ×1 +0 src/m.rs:4",
    );
    check(
        "thread 'main' panicked at src/m.rs:4:5:\nattempt to divide by ze",
        "explicit-panic ×1 +0 src/m.rs:4",
    );
}

#[test]
fn panics_of_an_event_stream() {
    use mapwatch_event::panic::Panic;
    use mapwatch_event::{Event, Nanos, Seq, Site};
    let location = Site { file: "src/m.rs".into(), line: 3, column: 5 };
    let panic = Panic { id: 1, message: "attempt to divide by zero".into(), location, ..Panic::default() };
    let mut line = Vec::new();
    mapwatch_event::wire::encode_event(Seq(1), Nanos(1), &Event::Panic(Box::new(panic)), &mut line);
    check(&String::from_utf8_lossy(&line), "divide-by-zero ×1 +0 src/m.rs:3");
}

#[test]
fn headlines_that_are_cut_or_bare() {
    let told = |text: &str| {
        let mut triage = Triage::new().workers(1);
        triage.read_bytes("x", text.as_bytes());
        let summary = triage.finish();
        (summary.groups.len(), summary.unread_count)
    };
    assert_eq!(told("thread 'main' panicked at src/ma"), (0, 1));
    assert_eq!(told("thread 'main' panicked at "), (0, 1));
    assert_eq!(told("thread 'main' panicked at 'index out of bou"), (1, 0));
    assert_eq!(told("thread 'main' panicked at the disco\nnote: run with `RUST_BACKTRACE=1`\n"), (1, 0));
    assert_eq!(told("thread 'main' panicked at the disco, they say\nINFO next\n"), (0, 0));
}

#[test]
fn people_write_about_panics() {
    let prose = include_str!("../logs/prose.log");
    check(prose, "");
    for line in prose.lines() {
        check(line, "");
    }
    let panic = "thread 'main' panicked at src/m.rs:3:5:\nattempt to divide by zero\n";
    check(&format!("{prose}{panic}{prose}"), "divide-by-zero ×1 +0 src/m.rs:3");
}

#[test]
fn a_restart_loop_is_an_alarm_below_every_rate() {
    let alarms = |hours: usize| {
        let mut triage = Triage::new().workers(1);
        let crash = |at: usize| {
            let stamp = format!("2026-11-23T{:02}:{:02}:04Z", at * hours, at * 5);
            format!(
                "{stamp} thread 'main' panicked at src/m.rs:7:5:\n{stamp} attempt to divide by zero\n{stamp} INFO starting\n"
            )
        };
        triage.read_bytes("x", (0..5).map(crash).collect::<String>().as_bytes());
        triage.finish().alarms.iter().map(|alarm| alarm.kind.word()).collect::<Vec<_>>()
    };
    assert_eq!(alarms(0), ["restart-loop"]);
    assert!(alarms(4).is_empty());
}
