//! Sequences of events on one page, and what the rules make of them.

use super::decision::Reliance;
use super::key::Key;
use super::page::{Deed, Doer, Earlier, Page, Place, Seen};
use super::rules::{Case, judge};
use super::sites::Habit;
use mapwatch_event::{Category, MapKind, Nanos, Operation};
use std::panic::Location;

const KEY: Place = Place { map: 1, key: Key(7) };

/// A page, a kind, and the habit of the one site at which all acts are.
struct Story {
    page: Page,
    kind: MapKind,
    habit: Habit,
    walks: u64,
    walk: Option<(u64, Seen)>,
    found: Vec<Category>,
    relies_on: Vec<Reliance>,
}

impl Story {
    fn of(kind: MapKind) -> Story {
        Story {
            page: Page::new(),
            kind,
            habit: Habit::default(),
            walks: 0,
            walk: None,
            found: Vec::new(),
            relies_on: Vec::new(),
        }
    }

    fn by(actor: u64, operation: Operation) -> Doer {
        Doer { actor, thread: actor, operation, site: Location::caller(), at: Nanos(0), step: 0, era: 0 }
    }

    fn look(mut self, actor: u64, operation: Operation, present: bool) -> Story {
        let seen = Seen { present, value: operation != ContainsKey, ..Seen::ALL };
        self.page.look(KEY, Story::by(actor, operation), seen, self.walks, 1);
        self
    }

    fn miss_under_read_guard(mut self, actor: u64) -> Story {
        let seen = Seen { present: false, under_read_guard: true, ..Seen::ALL };
        self.page.look(KEY, Story::by(actor, Get), seen, self.walks, 1);
        self
    }

    fn walk(mut self, actor: u64) -> Story {
        self.walks += 1;
        self.walk = Some((actor, Seen::ALL));
        let place = Place { key: Key::WALK, ..KEY };
        let seen = Seen::ALL;
        self.page.look(place, Story::by(actor, Operation::Iter), seen, self.walks, 1);
        self
    }

    fn asks_size(mut self, actor: u64, present: bool, value: bool) -> Story {
        self.walks += 1;
        let (place, seen) = (Place { key: Key::SIZE, ..KEY }, Seen { present, value, ..Seen::ALL });
        self.page.look(place, Story::by(actor, Operation::Len), seen, self.walks, 1);
        self
    }

    fn act(mut self, actor: u64, operation: Operation, deed: Deed) -> Story {
        let act = Story::by(actor, operation);
        let record = self.page.record(KEY);
        let earlier = self.page.use_look(KEY, actor, 1);
        let whole = if deed == Removed { Key::WALK } else { Key::SIZE };
        let walk = self.page.looked(Place { key: whole, ..KEY }, actor);
        self.page.change(KEY, act, deed, self.walks);
        let look = match (earlier, walk) {
            (Earlier::Look(look), _) | (Earlier::None, Some(look)) => look,
            (Earlier::None, None) => {
                self.habit = self.habit.and(Habit::BLIND);
                return self;
            }
            (Earlier::Unknown, _) => return self,
        };
        self.habit = self.habit.and(super::habit_of(look.seen));
        if let Some(record) = record {
            let case = Case { kind: self.kind, act, deed, look, record, habit: self.habit };
            let found = judge(&case).map(|(finding, _)| finding);
            self.relies_on.extend(found.iter().map(|finding| finding.reliance));
            self.found.extend(found.map(|finding| finding.category));
        }
        self
    }

    fn insert(self, actor: u64, deed: Deed) -> Story {
        self.act(actor, Operation::Insert, deed)
    }

    fn remove(self, actor: u64, deed: Deed) -> Story {
        self.act(actor, Operation::Remove, deed)
    }

    /// A change by somebody whose act is at another site.
    fn other(mut self, actor: u64, operation: Operation, deed: Deed) -> Story {
        let _ = self.page.use_look(KEY, actor, 1);
        self.page.change(KEY, Story::by(actor, operation), deed, self.walks);
        self
    }

    #[track_caller]
    fn finds(self, category: Category) {
        self.finds_relying_on(category, Reliance::Order);
    }

    #[track_caller]
    fn finds_relying_on(self, category: Category, reliance: Reliance) {
        assert_eq!((self.found, self.relies_on), (vec![category], vec![reliance]));
    }

    #[track_caller]
    fn finds_nothing(self) {
        assert_eq!(self.found, []);
    }
}

use Deed::{Appeared, Changed, Missed, Removed, Replaced};
use Operation::{ContainsKey, Get};

fn dash() -> Story {
    Story::of(MapKind::DashMap)
}

#[test]
fn two_see_nothing_and_both_store() {
    let story = dash().look(1, ContainsKey, false).look(2, ContainsKey, false);
    story.insert(1, Appeared).insert(2, Replaced).finds(Category::CheckThenAct);
}

#[test]
fn a_miss_under_a_read_lock_is_an_initialisation() {
    let story = Story::of(MapKind::HashMap).miss_under_read_guard(1).miss_under_read_guard(2);
    story.insert(1, Appeared).insert(2, Replaced).finds(Category::InitRace);
}

#[test]
fn a_second_look_is_enough() {
    let story = dash().look(1, Get, false).insert(2, Appeared).look(1, Get, true);
    story.insert(1, Replaced).finds_nothing();
}

#[test]
fn a_site_that_stores_without_looking_decides_nothing() {
    let story = dash().insert(3, Appeared).remove(3, Removed);
    let story = story.look(1, Get, false).insert(2, Appeared).insert(1, Replaced);
    story.finds_nothing();
}

#[test]
fn a_site_that_stores_after_hits_too_does_not_rely_on_misses() {
    let story = dash().look(1, ContainsKey, true).insert(1, Replaced).remove(1, Removed);
    story
        .look(1, ContainsKey, false)
        .other(2, Operation::Insert, Appeared)
        .insert(1, Replaced)
        .finds_nothing();
}

#[test]
fn ones_own_changes_come_between_nothing() {
    let story = dash().look(1, Get, true).other(1, Operation::Alter, Changed);
    story.look(1, Get, true).insert(1, Replaced).finds_nothing();
}

#[test]
fn a_copy_is_changed_and_stored_over_anothers() {
    let story = dash().look(1, Get, true).look(2, Get, true);
    story.insert(1, Replaced).insert(2, Replaced).finds(Category::LostUpdate);
}

#[test]
fn a_copy_is_stored_over_a_change_in_place() {
    let story = dash().look(1, Get, true).other(2, Operation::Alter, Changed);
    story.insert(1, Replaced).finds(Category::LostUpdate);
}

#[test]
fn who_asks_only_whether_it_is_there_loses_no_update() {
    let story = dash().look(1, ContainsKey, true).other(2, Operation::Alter, Changed);
    story.insert(1, Replaced).finds_nothing();
}

#[test]
fn the_zero_of_a_counter_is_an_update_too() {
    let story = dash().look(1, Get, true).insert(1, Replaced).remove(9, Removed);
    let mut story = story.look(1, Get, false).look(2, Get, false);
    story.habit = Habit::AFTER_HIT;
    story.insert(2, Appeared).insert(1, Replaced).finds(Category::LostUpdate);
}

#[test]
fn another_value_is_removed_than_the_one_that_was_read() {
    let story = dash().look(1, Get, true).other(2, Operation::Insert, Replaced);
    story.remove(1, Removed).finds(Category::CheckThenAct);
}

#[test]
fn a_value_that_only_changed_is_still_the_one_that_was_read_unless_that_decides() {
    let story = dash().look(1, Get, true).other(2, Operation::GetMut, Changed);
    story.remove(1, Removed).finds_relying_on(Category::CheckThenAct, Reliance::Value);
    let story = dash().other(3, Operation::Insert, Appeared).walk(1).other(2, Operation::GetMut, Changed);
    story.remove(1, Removed).finds_relying_on(Category::CheckThenAct, Reliance::Value);
    let story = dash().other(3, Operation::Insert, Appeared).other(2, Operation::GetMut, Changed).walk(1);
    story.remove(1, Removed).finds_nothing();
    dash().look(1, Get, true).other(1, Operation::GetMut, Changed).remove(1, Removed).finds_nothing();
}

#[test]
fn who_found_the_map_empty_saw_no_key() {
    let story = dash().asks_size(1, false, false).other(2, Operation::Insert, Appeared);
    story.insert(1, Replaced).finds_relying_on(Category::InitRace, Reliance::Emptiness);
    let story = dash().asks_size(1, true, false).other(2, Operation::Insert, Appeared);
    story.insert(1, Replaced).finds_nothing();
    let story = dash().other(2, Operation::Insert, Appeared).asks_size(1, false, false);
    story.insert(1, Replaced).finds_nothing();
}

#[test]
fn who_counted_the_entries_saw_no_key() {
    let story = dash().asks_size(1, true, true).other(2, Operation::Insert, Appeared);
    story.insert(1, Replaced).finds_relying_on(Category::CheckThenAct, Reliance::Length);
    let story = dash().asks_size(1, true, true).other(1, Operation::Insert, Appeared);
    story.insert(1, Replaced).finds_nothing();
}

#[test]
fn nothing_is_left_to_remove() {
    let story = dash().look(1, Get, true).other(2, Operation::Remove, Removed);
    story.remove(1, Missed).finds_nothing();
}

#[test]
fn a_collected_key_stands_for_another_entry_now() {
    let story = dash().other(3, Operation::Insert, Appeared).walk(1);
    story.other(2, Operation::Insert, Replaced).remove(1, Removed).finds(Category::CheckThenAct);
}

#[test]
fn an_entry_that_came_after_the_walk_was_not_collected() {
    let story = dash().walk(1).other(2, Operation::Insert, Appeared);
    story.remove(1, Removed).finds_nothing();
}

#[test]
fn an_entry_that_was_replaced_before_the_walk_was_collected_as_it_is() {
    let story = dash().other(2, Operation::Insert, Appeared).other(2, Operation::Insert, Replaced);
    story.walk(1).remove(1, Removed).finds_nothing();
}

#[test]
fn a_snapshot_is_stored_over_a_newer_one() {
    let story = Story::of(MapKind::ArcSwap).look(1, Operation::Load, true).look(2, Operation::Load, true);
    let story = story.act(1, Operation::Store, Replaced).act(2, Operation::Store, Replaced);
    story.finds(Category::StaleSnapshot);
}

#[test]
fn a_snapshot_that_nobody_loaded_is_a_fresh_one() {
    let story = Story::of(MapKind::ArcSwap).act(1, Operation::Store, Replaced);
    story.look(2, Operation::Load, true).act(1, Operation::Store, Replaced).finds_nothing();
}

#[test]
fn what_is_forgotten_is_no_evidence() {
    let mut story = dash().look(1, Get, false).other(2, Operation::Insert, Appeared);
    for key in 0..super::page::KEYS as u64 {
        let place = Place { map: 2, key: Key(key) };
        story.page.change(place, Story::by(3, Operation::Insert), Appeared, 0);
    }
    story.insert(1, Replaced).finds_nothing();

    let mut story = dash().look(1, Get, false);
    for actor in 10..10 + super::page::LOOKS as u64 {
        story = story.look(actor, Get, false);
    }
    let story = story.other(2, Operation::Insert, Appeared).insert(1, Replaced);
    assert_eq!(story.habit, Habit::default(), "a forgotten look is not a blind act");
    story.finds_nothing();
}
