//! Texts with and without a second half.

use super::*;

/// The first half is the call after `«`; what follows it has to be the one after `»`, if there is one.
fn check(marked: &str, expected: Option<Category>) {
    let first = marked.find('«').expect("a first half");
    let text = marked.replacen('«', "", 1);
    let second = text.find('»');
    let text = text.replacen('»', "", 1);
    let (line, column) = place(&text, first);
    let found = partner(&text, line, column);
    assert_eq!(found.as_ref().map(|found| found.category), expected, "{text}");
    if let (Some(found), Some(second)) = (found, second) {
        assert_eq!((found.line, found.column), place(&text, second), "{text}");
    }
}

#[test]
fn a_removal_on_every_way_is_the_other_half() {
    let leaks = Some(Category::LeakedEntry);
    check("{ f.lock().unwrap().«insert(k, 1); x().await; f.lock().unwrap().»remove(&k); }", leaks);
    check("{ self.m.«insert(id.clone(), \"a ? b\"); x().await; let _ = self.m.»remove(&id); }", leaks);
    check(
        "{ { let mut g = f.lock().unwrap(); g.«insert(k, 1); } x().await; { let mut h = f.lock().unwrap(); h.»remove(&k); } }",
        leaks,
    );
    check(
        "{ m\n    .lock()\n    .await\n    .«insert(k, v); // return?\n if y { z(); } tokio::select! { _ = a => {} } m.lock().await.»remove(&k); }",
        leaks,
    );
}

#[test]
fn what_may_be_left_out_is_no_half() {
    check("{ m.«insert(k, 1); x().await; if done { m.remove(&k); } }", None);
    check("{ m.«insert(k, 1); x().await?; m.remove(&k); }", None);
    check("{ m.«insert(k, 1); if bad { return; } x().await; m.remove(&k); }", None);
    check("{ m.«insert(k, 1); x().await; m.remove(&other); }", None);
    check("{ m.«insert(k, 1); x().await; n.remove(&k); }", None);
    check("{ m.«insert(k, 1); m.remove(&k); x().await; m.remove(&k); }", None);
    check("{ m.«insert(k, 1); spawn(async move { x().await; }); m.remove(&k); }", None);
    check("{ if new { m.«insert(k, 1); } x().await; m.remove(&k); }", None);
    check("{ let _undo = Undo(&m, k); m.«insert(k, 1); x().await; }", None);
    check("fn a() { m.«insert(k, 1); x().await; } fn b() { m.remove(&k); }", None);
}

#[test]
fn two_maps_belong_together_where_all_was_known_before() {
    let torn = Some(Category::CancelledMidUpdate);
    check(
        "{ u.by_id.lock().unwrap().«insert(1, \"kim\"); save().await; u.by_name.lock().unwrap().»insert(\"kim\", 1); }",
        torn,
    );
    check("{ let c = idle.«remove(&k); use_it().await; idle.»insert(k, c); }", torn);
    check("{ started.«insert(k, now); let v = fetch(k).await; cache.insert(k, v); }", None);
    check("{ started.«insert(k, now); cache.insert(k, fetch(k).await); }", None);
    check("{ seen.«insert(k, 1); x().await; other.insert(j, 2); }", None);
}

#[test]
fn the_branch_that_the_first_half_decides_is_none() {
    let (torn, leaks) = (Some(Category::CancelledMidUpdate), Some(Category::LeakedEntry));
    check("{ let Some(v) = m.«remove(&k) else { return }; x(v).await; m.»insert(k, v); }", torn);
    check("{ let v = m.lock().unwrap().«remove(&k).ok_or(Gone)?; x(&v).await; m.»insert(k, v); }", torn);
    check("{ if let Some((k, v)) = m.«remove(&k) { x(&v).await; m.»insert(k, v); } }", torn);
    check("{ match m.«remove(&k) { Some(v) => { x(&v).await; m.»insert(k, v); } None => {} } }", torn);
    check(
        "{ if !s.lock().unwrap().«insert(k) { return; } x().await; s.lock().unwrap().»remove(&k); }",
        leaks,
    );
    check("{ m.«entry(k).or_insert(1); x().await; m.»remove(&k); }", leaks);
    check("{ m.lock().unwrap().entry(k).«or_default(); x().await; m.lock().unwrap().»remove(&k); }", leaks);
}

#[test]
fn a_branch_that_something_else_decides_is_one() {
    check("{ let Some(v) = m.«remove(&k) else { return }; x(v).await?; m.insert(k, v); }", None);
    check("{ if let None = m.«remove(&k) { x().await; m.insert(k, v); } }", None);
    check("{ if let Some(v) = m.«remove(&k) { x(&v).await; } m.insert(k, 1); }", None);
    check("{ match m.«remove(&k) { None => return, Some(v) => { x(&v).await; m.insert(k, v); } } }", None);
    check("{ if m.«insert(k, 1).is_some() { return; } x().await; m.remove(&k); }", None);
    check("{ if !s.«insert(k) { return; } else { y(); } x().await; if z { s.remove(&k); } }", None);
    check("{ m.«entry(k).and_modify(|v| *v += 1).or_insert(1); x().await; m.remove(&k); }", None);
    check("{ let v = m.«remove(&k).unwrap().load().await?; m.insert(k, v); }", None);
}
