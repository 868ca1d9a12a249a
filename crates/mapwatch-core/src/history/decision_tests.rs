//! Texts, with the three calls marked: what they say about how the act depends on the look.

use super::*;

/// `1`, `2`, `3` behind a `§` mark the methods of the look, of what came between, and of the act.
fn source(marked: &str) -> Source {
    let place = |mark: &str| {
        let at = marked.find(mark).unwrap_or_else(|| panic!("{mark} in {marked}"));
        at - marked[..at].matches('§').count() * 3
    };
    let text: String = ["§1", "§2", "§3"].iter().fold(marked.to_owned(), |text, mark| text.replace(mark, ""));
    let side = |mark: &str| Some((mask(&text), place(mark)));
    Source { look: side("§1"), between: side("§2"), act: side("§3"), same_file: true }
}

#[track_caller]
fn check(reliance: Reliance, marked: &str, expected: bool) {
    assert_eq!(source(marked).bears_out(reliance), expected, "{marked}");
}

const RENEWS: &str = "fn renew() { if let Some(mut s) = m.§2get_mut(k) { s.expires = now; } }";

#[test]
fn what_is_compared_is_changed() {
    let is =
        |sweep: &str, renew: &str, expected| check(Reliance::Value, &format!("{sweep}\n{renew}"), expected);
    is(
        "fn f() { let old = m.§1get(k).map(|s| s.expires < now); if old == Some(true) { m.§3remove(k); } }",
        RENEWS,
        true,
    );
    is(
        "fn f() { let old: Vec<_> = m.§1iter().filter(|s| s.expires < now).collect(); for k in old { m.§3remove(k); } }",
        RENEWS,
        true,
    );
    is("fn f() { if m.§1get(k).is_some_and(|s| s.is_expired()) { m.§3remove(k); } }", RENEWS, true);
    is(
        "fn old() -> bool { m.§1get(k).map(|s| s.expires < now).unwrap() } fn f() { if old() { m.§3remove(k); } }",
        RENEWS,
        true,
    );
    is(
        "fn f() { if *m.§1get(k).unwrap() == 0 { m.§3remove(k); } }",
        "fn g() { *m.§2get_mut(k).unwrap() += 1; }",
        true,
    );
    is(
        "fn f() { if m.§1get(k).is_some_and(|n| *n == 0) { m.§3remove(k); } }",
        "fn g() { m.§2entry(k).and_modify(|n| *n += 1); }",
        true,
    );
}

#[test]
fn what_decides_is_something_else() {
    let is = |sweep: &str, renew: &str| check(Reliance::Value, &format!("{sweep}\n{renew}"), false);
    is("fn f() { if let Some(s) = m.§1get(k) { log(s.expires); } m.§3remove(k); }", RENEWS);
    is("fn f() { if m.§1get(k).is_some_and(|s| s.owner != me) { return; } m.§3remove(k); }", RENEWS);
    is("fn f() { let vip = m.§1get(k).unwrap().expires > 9; log(vip); m.§3remove(k); }", RENEWS);
}

#[test]
fn whoever_finds_nothing_fills() {
    let is = |text: &str, expected| {
        check(Reliance::Emptiness, &format!("{text} fn g() {{ m.§2insert(k); }}"), expected);
    };
    is("fn f() { if m.§1is_empty() { for k in all { m.§3insert(k, v); } } }", true);
    is("fn f() { let none = m.read().§1is_empty(); if none { m.write().§3insert(k, v); } }", true);
    is("fn f() { if !m.§1is_empty() { return; } m.§3insert(k, v); }", true);
    is("fn f() { if m.§1is_empty() { log(); } m.§3insert(k, v); }", false);
    is("fn f() { gauge(m.§1is_empty()); m.§3insert(k, v); }", false);
    is("fn f() { if m.§1is_empty() { log(); } } fn h() { m.§3insert(k, v); }", false);
    is("fn f() { if m.§1is_empty() && !LOADED.swap(true, SeqCst) { m.§3insert(k, v); } }", false);
}

#[test]
fn the_next_number_is_the_length() {
    let is = |text: &str, expected| {
        check(Reliance::Length, &format!("{text} fn g() {{ m.§2insert(k); }}"), expected);
    };
    is("fn f() { let id = m.§1len() + 1; m.§3insert(id, v); }", true);
    is("fn f() { m.§3insert(m.§1len(), v); }", true);
    is("fn f() { let before = m.§1len(); m.§3insert(id, v); log(before); }", false);
    is("fn f() { if m.§1len() > 9 { m.clear(); } m.§3insert(id, v); }", false);
}

#[test]
fn nothing_is_zero() {
    let zero = |look: &str| {
        source(&format!("fn f() {{ {look}; m.§3insert(k); }} fn g() {{ m.§2insert(k); }}")).has_zero()
    };
    assert!(zero("let n = m.§1get(k).map(|n| *n).unwrap_or(0)"));
    assert!(zero("let n = m.§1get(k).copied().unwrap_or_default()"));
    assert!(zero("let n = m.§1get(k).map_or(0, |n| *n)"));
    assert!(!zero("let n = m.§1get(k).map(|n| *n).unwrap_or_else(make)"));
    assert!(!zero("let old = m.§1get(k).map_or(true, |n| n.is_old())"));
    assert!(!zero("let none = m.§1get(k).is_none()"));
}
