//! Recorded time: to another moment, and back to the present.
//!
//! The player works on a thread of its own. While it is on its way, the user may want to be elsewhere already:
//! only the last wish counts, so that a held key never leaves a queue behind.

use super::{Effect, tell};
use crate::keymap::Command;
use crate::model::Model;
use crate::model::life::TaskRow;
use crate::model::moment::{Wall, duration};
use crate::model::tape::{Position, Sight, Stop};
use crate::model::ui::{Screen, TaskKey, Travel};
use crate::text;
use mapwatch_event::Nanos;

/// Steps into which the scrubber divides the recorded time.
const STEPS: u64 = 100;

/// Obeys a command that changes the moment.
pub fn go(model: &mut Model, command: Command) -> Option<Effect> {
    let position = match wish(model) {
        Some(Stop::At(position)) => position,
        _ => model.seen().position,
    };
    match command {
        Command::NextMoment | Command::PreviousMoment => {
            let forward = command == Command::NextMoment;
            if let Screen::Task(key) = model.ui.screen() {
                return in_a_life(model, key, position, forward);
            }
            if model.ui.screen() == Screen::Holders {
                return where_somebody_is_inside(model, position, forward);
            }
            match model.tape.neighbour(position, forward) {
                Some(point) => travel(model, Stop::At(point.position)),
                None if forward => present(model),
                None => complain(model, "no earlier moment of interest"),
            }
        }
        Command::LineForward => travel(model, Stop::At(Position(position.0 + 1))),
        Command::LineBack if position.0 == 0 => complain(model, "that is the beginning"),
        Command::LineBack => travel(model, Stop::At(Position(position.0 - 1))),
        Command::Later | Command::Earlier => scrub(model, command == Command::Later),
        _ => None,
    }
}

/// On the page of a task, to the next moment of its own life.
fn in_a_life(model: &mut Model, key: TaskKey, position: Position, forward: bool) -> Option<Effect> {
    // The present knows more of it than the moment that is shown.
    let moments = TaskRow::of(&model.world, key).map(|row| row.moments()).unwrap_or_default();
    let next = if forward {
        moments.into_iter().find(|(at, _)| *at > position)
    } else {
        moments.into_iter().rfind(|(at, _)| *at < position)
    };
    match next {
        Some((at, what)) => {
            let effect = travel(model, Stop::At(at));
            tell(model, format!("this task: {what}"));
            effect
        }
        None if forward => complain(model, "that was the last moment of this task"),
        None => complain(model, "no earlier moment of this task; other screens step through everything"),
    }
}

/// On the screen of holders, to the next moment at which somebody held something.
fn where_somebody_is_inside(model: &mut Model, position: Position, forward: bool) -> Option<Effect> {
    match model.tape.inhabited(position, forward) {
        Some(at) => travel(model, Stop::At(at)),
        None if forward => present(model),
        None => complain(model, "nobody held anything before this moment, as far as it is kept"),
    }
}

/// Where the user wants to be, while the player is not there yet.
fn wish(model: &Model) -> Option<Stop> {
    model.ui.travel.filter(|travel| travel.under_way.is_some()).map(|travel| travel.wanted)
}

fn complain(model: &mut Model, sentence: &str) -> Option<Effect> {
    tell(model, sentence);
    None
}

fn scrub(model: &mut Model, forward: bool) -> Option<Effect> {
    let (Some(began), until) = (model.world.began, model.world.until) else {
        return complain(model, "nothing is recorded so far");
    };
    let step = Nanos((until.since(began).0 / STEPS).max(1));
    let now = model.moment();
    let wanted = if forward { now.after(step) } else { Wall(now.0.saturating_sub(step.0)) };
    travel(model, Stop::Until(wanted.max(began)))
}

/// Goes to the time that the user typed.
pub fn to(model: &mut Model, text: &str) -> Option<Effect> {
    let (Some(began), until) = (model.world.began, model.world.until) else {
        return complain(model, "nothing is recorded so far");
    };
    let zero = model.world.zero.unwrap_or(began);
    match moment(text.trim(), began, zero, model.moment(), until) {
        Ok(wall) => travel(model, Stop::Until(wall)),
        Err(why) => complain(model, &why),
    }
}

/// A time as people write it: since the beginning, before or after now, a share of the whole, or on the clock. Where
/// nothing was recorded, there is nothing to go to.
fn moment(text: &str, began: Wall, zero: Wall, now: Wall, until: Wall) -> Result<Wall, String> {
    if matches!(text, "end" | "now" | "") {
        return Ok(until);
    }
    if let Some(share) = text.strip_suffix('%').and_then(|share| share.trim().parse::<f64>().ok()) {
        if !(0.0..=100.0).contains(&share) {
            return Err(format!("`{text}` is no share of the whole: 0% to 100%"));
        }
        return Ok(began.after(Nanos((until.since(began).0 as f64 * share / 100.0) as u64)));
    }
    if text.contains(':') {
        let wall = clock(text, began).ok_or_else(|| format!("`{text}` is no time of day (10:42:07, UTC)"))?;
        if wall > until {
            let (first, last) = (began.time_of_day(), until.time_of_day());
            return Err(format!("`{text}` is outside what is recorded, {first} to {last} UTC"));
        }
        return Ok(wall);
    }
    let (sign, amount) = match text.split_at_checked(1) {
        Some((sign @ ("-" | "+"), amount)) => (sign, amount),
        _ => ("", text),
    };
    let Some(amount) = duration(amount) else {
        return Err(format!("`{text}` is no time: 12.5s, 300ms, 2m, -3s, 40%, 10:42:07, end"));
    };
    let wall = match sign {
        "-" => Wall(now.0.saturating_sub(amount.0)),
        "+" => now.after(amount),
        _ => zero.after(amount),
    };
    // What is said to the millisecond is taken to the millisecond.
    let last = until.after(Nanos(999_999));
    if wall < began || wall > last {
        let all = text::moment(until.since(zero));
        return Err(format!("`{text}` is outside what is recorded, 0s to {all}"));
    }
    Ok(wall)
}

/// A time of day, UTC: the first one that is not before the beginning.
fn clock(text: &str, began: Wall) -> Option<Wall> {
    const DAY: u64 = 86_400_000_000_000;
    let mut parts = text.split(':');
    let hours: u64 = parts.next()?.trim().parse().ok()?;
    let minutes: u64 = parts.next()?.parse().ok()?;
    let seconds: f64 = parts.next().unwrap_or("0").trim().parse().ok()?;
    if hours > 23 || minutes > 59 || !(0.0..61.0).contains(&seconds) || parts.next().is_some() {
        return None;
    }
    let of_day = (hours * 3600 + minutes * 60) * 1_000_000_000 + (seconds * 1e9) as u64;
    let today = Wall(began.0 / DAY * DAY).after(Nanos(of_day));
    // Within the second in which it began is the beginning.
    Some(if today.after(Nanos(999_999_999)) < began { today.after(Nanos(DAY)) } else { today.max(began) })
}

fn present(model: &mut Model) -> Option<Effect> {
    let was_away = model.frozen.is_some();
    model.frozen = None;
    model.ui.travel = None;
    let sentence = match (was_away, model.world.is_live()) {
        (true, true) => "back in the present",
        (false, true) => "this is the present",
        (true, false) => "back at the end",
        (false, false) => "this is the end",
    };
    tell(model, sentence);
    None
}

fn travel(model: &mut Model, wanted: Stop) -> Option<Effect> {
    let there = match wanted {
        Stop::At(position) => position >= model.world.position,
        Stop::Until(wall) => wall >= model.world.until,
    };
    if there {
        return present(model);
    }
    if let Some(travel) = model.ui.travel.as_mut().filter(|travel| travel.under_way.is_some()) {
        travel.wanted = wanted;
        return None;
    }
    set_out(model, wanted)
}

fn set_out(model: &mut Model, wanted: Stop) -> Option<Effect> {
    model.ui.travel = Some(Travel { wanted, under_way: Some(wanted) });
    let journey = model.tape.journey(wanted, model.seen());
    Some(Effect::Travel(Box::new(journey)))
}

/// The player is there; whether the user still wants to be.
pub fn arrive(model: &mut Model, sight: Sight) -> Option<Effect> {
    let Sight { world, on_the_way, trouble } = sight;
    model.tape.keep(on_the_way, world.position);
    // The user has come back to the present meanwhile.
    let Travel { wanted, under_way } = model.ui.travel?;
    let early = match wanted {
        Stop::At(position) => world.position < position,
        Stop::Until(_) => false,
    };
    let moved = model.seen().position != world.position;
    model.frozen = Some(Box::new(world));
    model.ui.travel = Some(Travel { wanted, under_way: None });
    if let Some(trouble) = trouble {
        tell(model, trouble);
        return None;
    }
    if under_way != Some(wanted) {
        return set_out(model, wanted);
    }
    if early && !moved {
        tell(model, "what follows was not recorded; Space comes back to the present");
    }
    None
}

#[cfg(test)]
mod tests;
