//! Groups: reports of the same bug, counted, with a sample and a history.
//!
//! Reports come in with a [`Print`]; they are kept by fingerprint and spot, and only at the end it is decided
//! which spots are one bug and which reports without a site join which group. So the order of the input does
//! not matter, and two inputs together give the groups that either gives alone.

use crate::classify::Verdict;
use crate::fingerprint::{Lie, Print, Spot, same_spot};
use crate::link::Sighting;
use crate::report::{Bucket, Kind, Language, Place, Report};
use crate::time::Micros;
use mapwatch_event::{Category, Frame, Site};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Reports of one bug.
#[derive(Clone, Debug, Serialize)]
pub struct Group {
    /// 16 hexadecimal digits; with `-` and a function, column or line where one input showed several such bugs.
    pub fingerprint: String,
    /// What is wrong.
    pub category: Category,
    /// How sure, in percent.
    pub confidence: u8,
    /// Why, in words.
    pub reason: String,
    /// Whose runtime reported.
    pub language: Language,
    /// What sort of report.
    pub kind: Kind,
    /// The message of the first one, lines joined with `\n`, shortened.
    pub message: String,
    /// Where it happened, by the best report.
    pub location: Option<Site>,
    /// The innermost application function; empty where no report had frames.
    pub top_frame: String,
    /// The thread's name of the first one.
    pub thread: String,
    /// How often, followers and repetitions not counted.
    pub count: u64,
    /// Reports that only follow from these: poisoned locks, joins, second hooks.
    pub secondary: u64,
    /// The followers by category and message.
    pub followers: Vec<Follower>,
    /// Joins that told of it in words.
    pub mentions: u64,
    /// Lines that told how its process ended.
    pub endings: u64,
    /// How many were recovered from.
    pub recovered: u64,
    /// How many were torn by another thread's lines.
    pub torn: u64,
    /// The first one's place.
    pub first_place: Place,
    /// The last one's place.
    pub last_place: Place,
    /// The earliest stamp, in microseconds since 1970; `None` where none is near.
    pub first_seen: Option<Micros>,
    /// The latest stamp.
    pub last_seen: Option<Micros>,
    /// None of the reports has a stamp: these are those of the nearest lines before them that have one.
    pub nearest_stamps: bool,
    /// The most in one minute; `None` without stamps.
    pub peak_per_minute: Option<u64>,
    /// Counts over time, by the bucket's beginning; equally wide buckets.
    pub timeline: Vec<(Micros, u64)>,
    /// Reports by file; at most 1,024 files are named.
    pub files: BTreeMap<String, u64>,
    /// Hosts, at most 16.
    pub hosts: BTreeSet<String>,
    /// Services, units, containers, at most 16.
    pub services: BTreeSet<String>,
    /// Releases, at most 16.
    pub releases: BTreeSet<String>,
    /// Different processes that are known to have had it; at most 64 are counted.
    pub processes: usize,
    /// The best report's frames.
    pub frames: Vec<Frame>,
    /// The other side's frames, for a race or a conflict.
    pub other_frames: Vec<Frame>,
    /// Goroutines of the best report by state and place.
    pub goroutines: Vec<Bucket>,
}

impl Group {
    /// Where it happens in a few words: its location, else its function, else nothing.
    #[must_use]
    pub fn place(&self) -> String {
        match &self.location {
            Some(site) if site.column > 0 => site.to_string(),
            Some(site) => format!("{}:{}", site.file, site.line),
            None => self.top_frame.clone(),
        }
    }
}

/// Followers of one sort.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Follower {
    /// Its own category.
    pub category: Category,
    /// Its message, its variable parts masked.
    pub message: String,
    /// How many.
    pub count: u64,
    /// Whether it is the same panic, printed once more by another hook.
    pub duplicate: bool,
}

const MOST_FILES: usize = 1024;
const MOST_NAMES: usize = 16;
/// Spots kept apart within one fingerprint.
const MOST_SPOTS: usize = 256;
/// Fingerprints kept; later new ones are only counted.
const MOST_BASES: usize = 65_536;

/// Collects sightings.
#[derive(Clone, Default)]
pub(crate) struct Groups {
    bases: HashMap<u64, Base>,
    /// Sightings beyond the most fingerprints that are kept.
    pub(crate) overflow: u64,
    /// Sightings so far.
    pub(crate) count: u64,
}

#[derive(Clone)]
struct Base {
    print: Print,
    spots: HashMap<Spot, Tally>,
}

/// What is counted for one spot.
#[derive(Clone)]
struct Tally {
    sample: Report,
    verdict: Verdict,
    message: String,
    thread: String,
    count: u64,
    duplicates: u64,
    followers: BTreeMap<(Category, String, bool), u64>,
    mentions: u64,
    endings: u64,
    recovered: u64,
    torn: u64,
    first: (Place, Option<Micros>),
    last: (Place, Option<Micros>),
    /// The earliest and the latest stamp before a report that has none.
    before: Option<(Micros, Micros)>,
    timeline: Timeline,
    files: BTreeMap<String, Stretch>,
    hosts: BTreeSet<String>,
    services: BTreeSet<String>,
    releases: BTreeSet<String>,
    processes: BTreeSet<String>,
    /// Masked words seen; what a report without a site is matched by.
    words: BTreeSet<u64>,
}

/// The reports of one file.
#[derive(Clone, Copy)]
struct Stretch {
    count: u64,
    /// Offset of the first.
    first: u64,
    /// Offset of the last.
    last: u64,
}

impl Stretch {
    fn new(count: u64, first: u64, last: u64) -> Stretch {
        Stretch { count, first, last }
    }

    fn add(&mut self, other: Stretch) {
        self.count += other.count;
        self.first = self.first.min(other.first);
        self.last = self.last.max(other.last);
    }
}

impl Groups {
    pub(crate) fn add(&mut self, sighting: Sighting) {
        self.count += 1;
        let print = &sighting.judged.print;
        let full = self.bases.len() >= MOST_BASES;
        if full && !self.bases.contains_key(&print.base) {
            self.overflow += 1;
            return;
        }
        let base = self.bases.entry(print.base);
        let base = base.or_insert_with(|| Base { print: print.clone(), spots: HashMap::new() });
        let spot = if base.spots.len() < MOST_SPOTS || base.spots.contains_key(&print.spot) {
            print.spot.clone()
        } else {
            Spot::default()
        };
        let tally = base.spots.entry(spot).or_insert_with(|| Tally::new(&sighting));
        tally.add(sighting);
    }

    /// Decides what is one bug; the most frequent comes first.
    pub(crate) fn finish(self) -> Vec<Group> {
        let mut clusters: Vec<Cluster> = self.bases.into_values().flat_map(Base::clusters).collect();
        clusters.sort_by(|a, b| (&a.print, &a.suffix).cmp_key().cmp(&(&b.print, &b.suffix).cmp_key()));
        join_unsited(&mut clusters);
        let mut groups: Vec<Group> = clusters.into_iter().map(Cluster::group).collect();
        groups.sort_by(|a, b| Group::order(a).cmp(&Group::order(b)));
        groups
    }
}

trait SortKey {
    fn cmp_key(&self) -> (u64, &str);
}

impl SortKey for (&Print, &String) {
    fn cmp_key(&self) -> (u64, &str) {
        (self.0.base, self.1)
    }
}

/// Spots that are one bug.
struct Cluster {
    print: Print,
    suffix: String,
    tally: Tally,
    spots: Vec<Spot>,
}

impl Base {
    /// Spots that are the same bug are put together; more than one bug gets suffixes.
    fn clusters(self) -> Vec<Cluster> {
        let mut spots: Vec<(Spot, Tally)> = self.spots.into_iter().collect();
        // Spots that say most come first, so that those that say little find what they belong to.
        spots.sort_by(|(a, _), (b, _)| (a.column == 0, a.line == 0, a).cmp(&(b.column == 0, b.line == 0, b)));
        let mut clusters: Vec<Cluster> = Vec::new();
        for (spot, tally) in spots {
            let same = |cluster: &&mut Cluster| {
                let lie = cluster.tally.lie(&tally);
                cluster.spots.iter().any(|other| same_spot(other, &spot, lie))
            };
            let blind = spot.line == 0 && spot.function.is_empty();
            let several = clusters.len() > 1;
            match clusters.iter_mut().find(same).filter(|_| !(blind && several)) {
                Some(cluster) => {
                    cluster.tally.merge(tally);
                    cluster.spots.push(spot);
                }
                None => {
                    let print = self.print.clone();
                    clusters.push(Cluster { print, suffix: String::new(), tally, spots: vec![spot] });
                }
            }
        }
        if clusters.len() > 1 {
            name_apart(&mut clusters);
        }
        clusters
    }
}

/// Bugs that share a fingerprint get a suffix: their function, or column, or line.
fn name_apart(clusters: &mut [Cluster]) {
    let clash = |cluster: &Cluster| cluster.print.column(&cluster.spots[0]);
    let mut shared: BTreeMap<u32, usize> = BTreeMap::new();
    clusters.iter().for_each(|cluster| *shared.entry(clash(cluster)).or_default() += 1);
    let mut taken = BTreeSet::new();
    for cluster in clusters {
        let column = clash(cluster);
        if shared[&column] < 2 {
            continue;
        }
        let spot = &cluster.spots[0];
        let names = [spot.column.to_string(), spot.function.clone(), spot.line.to_string()];
        // The column first, where it is not in the fingerprint already.
        let telling = names.iter().skip(usize::from(column != 0 || spot.column == 0));
        let name = telling.into_iter().find(|name| !name.is_empty()).cloned().unwrap_or_default();
        cluster.suffix = format!("-{name}");
        while !taken.insert((column, cluster.suffix.clone())) {
            cluster.suffix.push('x');
        }
    }
}

/// A report without a site joins the one group that has its words, where there is one.
fn join_unsited(clusters: &mut Vec<Cluster>) {
    let mut sited: HashMap<u64, Vec<usize>> = HashMap::new();
    for (index, cluster) in clusters.iter().enumerate().filter(|(_, cluster)| cluster.print.sited) {
        sited.entry(cluster.print.loose).or_default().push(index);
    }
    let mut moves = Vec::new();
    for (index, cluster) in clusters.iter().enumerate().filter(|(_, cluster)| !cluster.print.sited) {
        let like = sited.get(&cluster.print.loose).map(Vec::as_slice).unwrap_or_default();
        let worded: Vec<usize> = like
            .iter()
            .copied()
            .filter(|at| clusters[*at].tally.words.contains(&cluster.print.words))
            .collect();
        if let ([target], _) | ([], [target]) = (worded.as_slice(), like) {
            moves.push((index, *target));
        }
    }
    let mut taken: Vec<Option<Cluster>> = clusters.drain(..).map(Some).collect();
    for (from, to) in moves {
        let Some(cluster) = taken[from].take() else { continue };
        if let Some(target) = &mut taken[to] {
            target.tally.merge(cluster.tally);
        }
    }
    clusters.extend(taken.into_iter().flatten());
}

impl Tally {
    fn new(sighting: &Sighting) -> Tally {
        let report = &sighting.judged.report;
        let at = (sighting.place.clone(), sighting.stamp.own);
        Tally {
            sample: report.clone(),
            verdict: sighting.judged.verdict.clone(),
            message: crate::plain::shorten(&report.message, 2000).into_owned(),
            thread: report.thread.clone(),
            count: 0,
            duplicates: 0,
            followers: BTreeMap::new(),
            mentions: 0,
            endings: 0,
            recovered: 0,
            torn: 0,
            first: at.clone(),
            last: at,
            before: None,
            timeline: Timeline::default(),
            files: BTreeMap::new(),
            hosts: BTreeSet::new(),
            services: BTreeSet::new(),
            releases: BTreeSet::new(),
            processes: BTreeSet::new(),
            words: BTreeSet::new(),
        }
    }

    fn add(&mut self, sighting: Sighting) {
        let report = &sighting.judged.report;
        self.count += 1;
        if self.words.len() < MOST_NAMES {
            self.words.insert(sighting.judged.print.words);
        }
        self.mentions += sighting.mentions;
        self.endings += sighting.endings.len() as u64;
        self.recovered += u64::from(report.recovered);
        self.torn += u64::from(report.torn);
        for followed in &sighting.followers {
            let key = (followed.category, crate::fingerprint::masked(&followed.message), followed.duplicate);
            if self.followers.len() < MOST_NAMES || self.followers.contains_key(&key) {
                *self.followers.entry(key).or_default() += 1;
            }
            self.duplicates += u64::from(followed.duplicate);
        }
        if richness(report) > richness(&self.sample) {
            self.sample = report.clone();
            self.verdict = sighting.judged.verdict.clone();
        }
        if let Some(at) = sighting.stamp.own {
            self.timeline.add(at, 1);
        }
        self.came_after(sighting.stamp.before.map(|at| (at, at)));
        self.stretch(
            (sighting.place.clone(), sighting.stamp.own),
            (sighting.place.clone(), sighting.stamp.own),
        );
        let offset = sighting.place.offset;
        self.file(&sighting.place.file, Stretch::new(1, offset, offset));
        let origin = sighting.origin;
        name(&mut self.hosts, origin.host, MOST_NAMES);
        name(&mut self.services, origin.service, MOST_NAMES);
        name(&mut self.releases, origin.release, MOST_NAMES);
        name(&mut self.processes, origin.process, MOST_FILES);
    }

    fn file(&mut self, file: &str, stretch: Stretch) {
        if let Some(mine) = self.files.get_mut(file) {
            mine.add(stretch);
        } else if self.files.len() < MOST_FILES {
            self.files.insert(file.to_owned(), stretch);
        }
    }

    /// How the reports of another spot lie to these.
    fn lie(&self, other: &Tally) -> Lie {
        let shared = self.files.iter().filter_map(|(file, mine)| Some((mine, other.files.get(file)?)));
        shared.fold(Lie::Apart, |lie, (mine, theirs)| {
            let mingled = mine.first < theirs.last && theirs.first < mine.last;
            if mingled || lie == Lie::Mingled { Lie::Mingled } else { Lie::InTurn }
        })
    }

    fn stretch(&mut self, first: (Place, Option<Micros>), last: (Place, Option<Micros>)) {
        let earlier = |a: &(Place, Option<Micros>), b: &(Place, Option<Micros>)| match (a.1, b.1) {
            (Some(a), Some(b)) => a < b,
            (Some(_), None) => true,
            _ => false,
        };
        if earlier(&first, &self.first) {
            self.first = first;
        }
        let later = match (last.1, self.last.1) {
            (Some(a), Some(b)) => a >= b,
            (None, Some(_)) => false,
            _ => true,
        };
        if later {
            self.last = last;
        }
    }

    fn came_after(&mut self, other: Option<(Micros, Micros)>) {
        self.before = match (self.before, other) {
            (Some((first, last)), Some(other)) => Some((first.min(other.0), last.max(other.1))),
            (mine, other) => mine.or(other),
        };
    }

    fn merge(&mut self, other: Tally) {
        if richness(&other.sample) > richness(&self.sample) {
            self.sample = other.sample;
            self.verdict = other.verdict;
        }
        if self.message.is_empty() {
            self.message = other.message;
        }
        self.count += other.count;
        self.words.extend(other.words);
        self.duplicates += other.duplicates;
        self.mentions += other.mentions;
        self.endings += other.endings;
        self.recovered += other.recovered;
        self.torn += other.torn;
        other.followers.into_iter().for_each(|(key, count)| *self.followers.entry(key).or_default() += count);
        self.stretch(other.first, other.last);
        self.came_after(other.before);
        other.timeline.counts.into_iter().for_each(|(at, count)| self.timeline.add(at, count));
        other.files.iter().for_each(|(file, stretch)| self.file(file, *stretch));
        other.hosts.into_iter().for_each(|host| name(&mut self.hosts, host, MOST_NAMES));
        other.services.into_iter().for_each(|service| name(&mut self.services, service, MOST_NAMES));
        other.releases.into_iter().for_each(|release| name(&mut self.releases, release, MOST_NAMES));
        other.processes.into_iter().for_each(|process| name(&mut self.processes, process, MOST_FILES));
    }

    /// The category of the incident: a panic in the program's own words that left a poisoned lock or aborted the
    /// process is known by that; its words alone would say nothing.
    fn incident(&self) -> Verdict {
        let own = &self.verdict;
        let vague = matches!(own.category, Category::ExplicitPanic | Category::AppInvariant);
        const TELLING: [Category; 4] = [
            Category::PanicInNounwind,
            Category::InitRace,
            Category::PoisonedLock,
            Category::PropagatedPanic,
        ];
        let told = TELLING.iter().find_map(|category| {
            let count: u64 = self
                .followers
                .iter()
                .filter(|(key, _)| key.0 == *category && !key.2)
                .map(|(_, count)| count)
                .sum();
            (count * 2 >= self.count && count > 0).then_some((*category, count))
        });
        match told.filter(|_| vague) {
            Some((category, count)) => Verdict {
                category,
                confidence: own.confidence.max(80),
                reason: format!("{}; {count} of what followed: {}", own.reason, category.title()),
                key: own.key.clone(),
            },
            None => own.clone(),
        }
    }
}

fn name(names: &mut BTreeSet<String>, name: String, most: usize) {
    if !name.is_empty() && (names.len() < most || names.contains(&name)) {
        names.insert(name);
    }
}

impl Group {
    /// The most frequent first; of equals the one that came first, as far as stamps or places tell.
    fn order(&self) -> impl Ord + '_ {
        let unstamped = self.first_seen.is_none();
        let place = &self.first_place;
        (Reverse(self.count), unstamped, self.first_seen, &place.file, place.offset, &self.fingerprint)
    }
}

/// How much a report can tell.
fn richness(report: &Report) -> (bool, bool, usize) {
    let own = report.frames.iter().any(|frame| frame.user);
    (!report.torn, own, report.frames.len().min(64) + usize::from(report.location.is_some()))
}

impl Cluster {
    fn group(self) -> Group {
        let verdict = self.tally.incident();
        let Tally { sample, message, thread, count, followers, first, last, timeline, .. } = self.tally;
        let secondary = followers.values().sum();
        let followers = followers
            .into_iter()
            .map(|((category, message, duplicate), count)| Follower { category, message, count, duplicate })
            .collect();
        let top_frame = sample.top_user_frame().map(|frame| frame.function.clone()).unwrap_or_default();
        let before = self.tally.before.filter(|_| first.1.is_none());
        Group {
            fingerprint: self.print.digits(&self.spots[0]) + &self.suffix,
            category: verdict.category,
            confidence: verdict.confidence,
            reason: verdict.reason,
            language: sample.language,
            kind: sample.kind,
            message,
            location: sample.location.clone(),
            top_frame,
            thread,
            count,
            secondary,
            followers,
            mentions: self.tally.mentions,
            endings: self.tally.endings,
            recovered: self.tally.recovered,
            torn: self.tally.torn,
            first_place: first.0,
            last_place: last.0,
            first_seen: first.1.or(before.map(|(first, _)| first)),
            last_seen: last.1.or(before.map(|(_, last)| last)),
            nearest_stamps: before.is_some(),
            peak_per_minute: timeline.peak_per_minute(),
            timeline: timeline.counts.into_iter().collect(),
            files: self.tally.files.into_iter().map(|(file, stretch)| (file, stretch.count)).collect(),
            hosts: self.tally.hosts,
            services: self.tally.services,
            releases: self.tally.releases,
            processes: self.tally.processes.len(),
            frames: sample.frames,
            other_frames: sample.other_frames,
            goroutines: sample.goroutines,
        }
    }
}

/// Counts over time in equal buckets that widen when there are too many.
#[derive(Clone)]
struct Timeline {
    width: Micros,
    counts: BTreeMap<Micros, u64>,
}

const MINUTE: Micros = 60_000_000;
const MOST_BUCKETS: usize = 720;

impl Default for Timeline {
    fn default() -> Timeline {
        Timeline { width: MINUTE, counts: BTreeMap::new() }
    }
}

impl Timeline {
    fn add(&mut self, at: Micros, count: u64) {
        *self.counts.entry(at.div_euclid(self.width) * self.width).or_default() += count;
        while self.counts.len() > MOST_BUCKETS {
            self.width *= 2;
            let counts = std::mem::take(&mut self.counts);
            for (at, count) in counts {
                *self.counts.entry(at.div_euclid(self.width) * self.width).or_default() += count;
            }
        }
    }

    /// The most in one minute; a mean over the bucket once buckets are wider.
    fn peak_per_minute(&self) -> Option<u64> {
        let minutes = u64::try_from(self.width / MINUTE).unwrap_or(1).max(1);
        self.counts.values().max().map(|most| most.div_ceil(minutes))
    }
}
