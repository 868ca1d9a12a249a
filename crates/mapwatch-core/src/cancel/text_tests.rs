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

#[test]
fn an_entry_that_was_found_vacant_is_filled_by_its_insert() {
    let leaks = Some(Category::LeakedEntry);
    check(
        "{ match m.entry(id) { Entry::Occupied(_) => return false, Entry::Vacant(slot) => { slot.«insert(()); } } x().await; m.»remove(&id); }",
        leaks,
    );
    check(
        "{ match m.entry(id) { Vacant(v) => v.«insert(1), Occupied(_) => return, }; x().await; m.»remove(&id); }",
        leaks,
    );
    check(
        "{ let Entry::Vacant(v) = m.entry(id) else { return }; v.«insert(1); x().await; m.»remove(&id); }",
        leaks,
    );
    check("{ if let Entry::Vacant(v) = m.entry(k) { v.«insert(1); x().await; m.»remove(&k); } }", leaks);
    check(
        "{ let first = { let mut m = f.lock().unwrap(); if let Vacant(v) = m.entry(k) { v.«insert(1); true } else { false } }; if !first { return; } x().await; f.lock().unwrap().»remove(&k); }",
        leaks,
    );
    check(
        "{ let first = if let Vacant(v) = m.entry(k) { v.«insert(1); true } else { false }; if first { x().await; m.»remove(&k); } else { return; } }",
        leaks,
    );
    check(
        "{ let new = if let Vacant(v) = m.entry(k) { v.«insert(1); false } else { true }; if !new { return; } x().await; m.remove(&k); }",
        None,
    );
    check("{ let new = s.«insert(k); if !new { return; } x().await; s.»remove(&k); }", leaks);
    check(
        "{ if let Entry::Vacant(v) = m.entry(k) { v.«insert(1); } else { m.remove(&k); } x().await; }",
        None,
    );
}

#[test]
fn a_half_may_stand_in_a_function_of_its_own() {
    let leaks = Some(Category::LeakedEntry);
    let registry = "fn finish(&self, id: u64) { self.m.lock().unwrap().»remove(&id); }";
    let call = "async fn run(r: &R, job: Job) { r.begin(job.id); x().await; r.finish(job.id); }";
    check(
        &format!("fn begin(&self, id: u64) {{ self.m.lock().unwrap().«insert(id, 1); }} {registry} {call}"),
        leaks,
    );
    check(
        &format!(
            "async fn begin(&self, id: u64) {{ self.m.lock().await.«insert(id, 1); }} {registry} async fn run(r: &R, id: u64) {{ r.begin(id).await; x().await; r.finish(id); }}"
        ),
        leaks,
    );
    check(
        &format!(
            "fn begin(&self) -> u64 {{ let id = next(); self.m.lock().unwrap().«insert(id, 1); id }} {registry} async fn run(&self) {{ let own = self.begin(); x().await; self.finish(own); }}"
        ),
        leaks,
    );
    check(
        "fn mark(m: &Busy, user: &str) -> bool { m.lock().unwrap().«insert(user.to_owned()) } fn free(m: &Busy, user: &str) { m.lock().unwrap().»remove(user); } async fn run(b: Busy, u: String) { if !mark(&b, &u) { return; } x().await; free(&b, &u); }",
        leaks,
    );
    check(
        "async fn run(&self, id: u64) { self.m.«insert(id, 1); x().await; self.finish(id); } fn finish(&self, id: u64) { self.m.»remove(&id); }",
        leaks,
    );
    check(
        "fn out(&self, id: u64) -> C { self.m.«remove(&id).unwrap() } fn back(&self, id: u64, c: C) { self.m.»insert(id, c); } async fn run(&self, id: u64) { let c = self.out(id); x(&c).await; self.back(id, c); }",
        Some(Category::CancelledMidUpdate),
    );
}

#[test]
fn what_a_function_begins_others_may_keep() {
    let begin = "fn begin(&self, id: u64) { self.m.«insert(id, 1); }";
    let finish = "fn finish(&self, id: u64) { self.m.remove(&id); }";
    let run = |body: &str| {
        check(&format!("{begin} {finish} async fn run(r: R, id: u64, j: u64) {{ {body} }}"), None);
    };
    run("r.begin(id); x().await; if done { r.finish(id); }");
    run("r.begin(id); x().await?; r.finish(id);");
    run("r.begin(id); x().await; r.finish(j);");
    run("r.begin(id); x().await; other.finish(id);");
    run("r.begin(id); r.finish(id); x().await; r.finish(id);");
    run("let _guard = r.begin(id); x().await;");
    check(
        "fn begin(&self, id: u64) { spawn(move || self.m.«insert(id, 1)); } fn finish(&self, id: u64) { self.m.remove(&id); } async fn run(r: R, id: u64) { r.begin(id); x().await; r.finish(id); }",
        None,
    );
    check(
        "fn begin(&self, id: u64) -> R { self.m.«insert(id, 1); if full { return Err(Full); } Ok(()) } fn finish(&self, id: u64) { self.m.remove(&id); } async fn run(r: R, id: u64) { r.begin(id); x().await; r.finish(id); }",
        None,
    );
}

#[test]
fn a_value_where_it_stands_is_changed_back() {
    let torn = Some(Category::CancelledMidUpdate);
    let on = |text: &str| check(text, torn);
    on(
        "{ *m.lock().unwrap().entry(k).«or_insert(0) += 1; x().await; *m.lock().unwrap().»get_mut(&k).unwrap() -= 1; }",
    );
    on("{ *m.«entry(k).or_insert(0) += 1; x().await; if let Some(mut n) = m.»get_mut(&k) { *n -= 1; } }");
    on(
        "{ m.«entry(k.clone()).and_modify(|n| *n += 1).or_insert(1); x().await; m.»entry(k).and_modify(|n| *n -= 1); }",
    );
    on("{ m.«alter(&k, |_, n| n + 1); x().await; m.»alter(&k, |_, n| n.saturating_sub(1)); }");
    on(
        "{ m.«alter(&k, |_, mut j| { j.busy = true; j }); x().await; m.»alter(&k, |_, mut j| { j.busy = false; j }); }",
    );
    on(
        "{ self.m.«get_mut(&id).unwrap().status = Status::Running; x().await; self.m.»get_mut(&id).unwrap().status = Status::Done; }",
    );
    on(
        "{ if let Some(mut j) = m.«get_mut(&id) { j.status = S::Running; j.tries += 1; } let r = x().await; if let Some(mut j) = m.»get_mut(&id) { j.out = r; j.status = S::Done; } }",
    );
    on(
        "{ { let mut g = m.lock().unwrap(); let j = g.«get_mut(&id).unwrap(); j.busy = true; } x().await; let mut g = m.lock().unwrap(); if let Some(j) = g.»get_mut(&id) { j.busy = false; } }",
    );
    on(
        "{ let Some(mut j) = m.«get_mut(&id) else { return }; j.owner = Some(me); drop(j); x().await; m.»get_mut(&id).unwrap().owner = None; }",
    );
    on(
        "{ match m.«get_mut(&id) { Some(mut j) => { j.state = State::CheckedOut; } None => return, } x().await; m.»get_mut(&id).unwrap().state = State::InStock; }",
    );
    on(
        "{ if let Some(mut j) = m.«get_mut(&id) { j.status = S::Running; } let r = x().await; if let Some(mut j) = m.»get_mut(&id) { match r { Ok(_) => j.status = S::Done, Err(e) => { j.status = S::Failed(e); } } } }",
    );
    on("{ m.«insert(id, Status::Running); x().await; m.»insert(id, Status::Done); }");
    on(
        "{ m.«insert(id, Job { status: Status::Running, tries: 0 }); x().await; m.»get_mut(&id).unwrap().status = Status::Done; }",
    );
    on(
        "{ *m.lock().await.«get_mut(&id).unwrap() = \"in flight\"; x().await; *m.lock().await.»get_mut(&id).unwrap() = \"here\"; }",
    );
    on("{ m.«get_mut(&id).unwrap().free = false; x().await; m.»get_mut(&id).unwrap().free = true; }");
    on("{ m.«get_mut(&id).unwrap().status = S::Running; x().await; m.»remove(&id); }");
    on("{ *m.«get_mut(&k).unwrap() -= n; x().await; *m.»get_mut(&k).unwrap() += n; }");
    on(
        "fn up(&self, k: &str) { *self.m.«entry(k.to_owned()).or_default() += 1; } fn down(&self, k: &str) { if let Some(mut n) = self.m.»get_mut(k) { *n -= 1; } } async fn run(&self, k: &str) { self.up(k); x().await; self.down(k); }",
    );
    on(
        "fn set(&self, id: u32, to: S) { self.m.«get_mut(&id).unwrap().state = to; } fn end(&self, id: u32) { self.m.»get_mut(&id).unwrap().state = S::Done; } async fn run(&self, id: u32) { self.set(id, S::Running); x().await; self.end(id); }",
    );
}

#[test]
fn a_value_that_may_stay_as_it_is_left_is_no_half() {
    let off = |text: &str| check(text, None);
    // One way leaves it.
    off("{ m.«get_mut(&id).unwrap().busy = true; x().await?; m.get_mut(&id).unwrap().busy = false; }");
    off(
        "{ m.«get_mut(&id).unwrap().busy = true; x().await; if ok { m.get_mut(&id).unwrap().busy = false; } }",
    );
    off(
        "{ if let Some(mut j) = m.«get_mut(&id) { j.status = S::Running; } x().await; if let Some(mut j) = m.get_mut(&id) { if bad { j.status = S::Failed; } } }",
    );
    // Another key, another part, another amount; no await in between.
    off("{ m.«get_mut(&id).unwrap().busy = true; x().await; m.get_mut(&other).unwrap().busy = false; }");
    off("{ m.«get_mut(&id).unwrap().busy = true; x().await; m.get_mut(&id).unwrap().seen = false; }");
    off("{ *m.«get_mut(&k).unwrap() -= fee; x().await; *m.get_mut(&k).unwrap() += price; }");
    off("{ m.«get_mut(&id).unwrap().busy = true; m.get_mut(&id).unwrap().busy = false; x().await; }");
    // What is meant to be found, what ages, what only says how far it came.
    off("{ m.«get_mut(&id).unwrap().dirty = true; x().await; m.get_mut(&id).unwrap().dirty = false; }");
    off("{ m.«get_mut(&id).unwrap().ready = false; x().await; m.get_mut(&id).unwrap().ready = true; }");
    off(
        "{ m.«get_mut(&id).unwrap().status = S::Pending; x().await; m.get_mut(&id).unwrap().status = S::Done; }",
    );
    off(
        "{ m.«get_mut(&id).unwrap().value = None; let v = x().await; m.get_mut(&id).unwrap().value = Some(v); }",
    );
    off("{ m.«get_mut(&id).unwrap().step = 1; x().await; m.get_mut(&id).unwrap().step = 2; }");
    off(
        "{ if let Some(mut j) = m.«get_mut(&id) { j.busy = true; j.lease_until = soon; } x().await; m.get_mut(&id).unwrap().busy = false; }",
    );
    let steps = "m.get_mut(&id).unwrap().at = At::Loading; a().await; m.«get_mut(&id).unwrap().at = At::Parsing; b().await; m.get_mut(&id).unwrap().at = At::Done;";
    off(&format!("async fn run(m: M, id: u32) {{ {steps} }}"));
    // What is done to it is not to be seen.
    off("{ m.«get_mut(&id).unwrap().start(); x().await; m.get_mut(&id).unwrap().status = S::Done; }");
    off(
        "{ if let Some(mut j) = m.«get_mut(&id) { j.status = S::Running; note(&mut j); } x().await; m.get_mut(&id).unwrap().status = S::Done; }",
    );
    off("{ m.«get_mut(&id).unwrap().busy = true; let _free = Free(&m, id); x().await; }");
    let set = "fn set(&self, id: u32, to: S) { self.m.«get_mut(&id).unwrap().state = to; }";
    off(&format!(
        "{set} async fn run(&self, id: u32) {{ self.set(id, S::Running); x().await?; self.set(id, S::Done); }}"
    ));
    off(&format!(
        "{set} async fn run(&self, id: u32) {{ self.set(id, S::Queued); x().await; self.set(id, S::Done); }}"
    ));
    off(&format!(
        "{set} async fn run(&self, id: u32) {{ self.set(id, S::Loading); x().await; self.set(id, S::Parsing); y().await; self.set(id, S::Done); }}"
    ));
    // It may have turned off before it changed anything.
    off(
        "{ let mut j = m.«get_mut(&id).unwrap(); if j.busy { return Err(Busy); } j.busy = true; drop(j); x().await; m.get_mut(&id).unwrap().busy = false; }",
    );
    off(
        "{ let n = m.«entry(k).or_insert(0); if *n > 3 { return false; } *n += 1; x().await; *m.get_mut(&k).unwrap() -= 1; }",
    );
    off(
        "{ m.«alter(&k, |_, mut j| { if j.busy { return j; } j.busy = true; j }); x().await; m.get_mut(&k).unwrap().busy = false; }",
    );
    off(
        "{ if let Some(mut j) = m.«get_mut(&id) { j.check()?; j.busy = true; } x().await; m.get_mut(&id).unwrap().busy = false; }",
    );
    off(
        "{ match m.«get_mut(&id) { Some(j) if j.free => j.busy = true, _ => return } x().await; m.get_mut(&id).unwrap().busy = false; }",
    );
    // Only one branch ends it; the amounts are not the same thing; another one is put back.
    off(
        "{ m.«get_mut(&id).unwrap().state = S::Running; match x().await { Ok(_) => m.get_mut(&id).unwrap().state = S::Done, Err(_) => {} } }",
    );
    off(
        "{ m.«get_mut(&id).unwrap().state = S::Running; if x().await { m.get_mut(&id).unwrap().state = S::Done; } }",
    );
    off("{ m.«get_mut(&from).unwrap().open -= 1; x().await; m.get_mut(&to).unwrap().open += 1; }");
    off("{ m.«get_mut(&from).unwrap().left -= cost; x().await; m.get_mut(&all).unwrap().spent += cost; }");
    off(
        "{ let old = m.«get_mut(&id).unwrap().conn.take(); let new = x(old).await; m.get_mut(&id).unwrap().conn = Some(new); }",
    );
}

#[test]
fn a_value_is_changed_back_in_any_branch_or_at_another_place() {
    let on = |text: &str| check(text, Some(Category::CancelledMidUpdate));
    on(
        "{ m.«get_mut(&id).unwrap().state = S::Running; match x().await { Ok(_) => m.»get_mut(&id).unwrap().state = S::Done, Err(e) => { m.get_mut(&id).unwrap().state = S::Failed(e); } } }",
    );
    on(
        "{ m.«get_mut(&id).unwrap().state = S::Running; let ok = x().await; if ok { m.»get_mut(&id).unwrap().state = S::Done; } else { m.get_mut(&id).unwrap().state = S::Failed; } }",
    );
    on("{ *m.«get_mut(&from).unwrap() -= amount; x().await; *m.»get_mut(&to).unwrap() += amount; }");
    on(
        "{ { let mut g = m.lock().unwrap(); g.«get_mut(&from).unwrap().cents -= amount; } x().await; let mut g = m.lock().unwrap(); g.»entry(to).or_default().cents += amount; }",
    );
    on(
        "{ let conn = m.«get_mut(&id).unwrap().conn.take().unwrap(); x(&conn).await; m.»get_mut(&id).unwrap().conn = Some(conn); }",
    );
    on(
        "{ let Some(conn) = m.«get_mut(&id).and_then(|mut slot| slot.take()) else { return }; x(&conn).await; *m.»get_mut(&id).unwrap() = Some(conn); }",
    );
    let set =
        "fn set(&self, id: u32, to: S) { if let Some(mut j) = self.m.«»get_mut(&id) { j.state = to; } }";
    on(&format!(
        "{set} async fn run(&self, id: u32) {{ self.set(id, S::Running); x().await; self.set(id, S::Done); }}"
    ));
    on(&format!(
        "{set} async fn run(&self, id: u32) {{ self.set(id, S::Running); match x().await {{ Ok(()) => self.set(id, S::Done), Err(_) => self.set(id, S::Failed), }} }}"
    ));
}
