//! What the user wants always: the configuration file, and what was chosen last time.
//!
//! `$XDG_CONFIG_HOME/mapview/config.toml` (else `~/.config/mapview/config.toml`) is the user's; nobody but the user
//! writes it. `state.json` beside the recorded runs is ours: orders, columns, theme. Both may be missing, and
//! what cannot be understood is said and left aside: one looks all the same.

use crate::keymap::Keys;
use crate::model::list::ListId;
use crate::model::ui::{Look, ThemeName, Ui};
use crate::store::state_folder;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// The configuration file. `mapview` describes it under `--help`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Config {
    /// `dark`, `light`, `high-contrast` or `mono`.
    pub theme: Option<ThemeName>,
    /// No characters beyond ASCII in what the viewer itself draws.
    pub ascii: bool,
    /// Listen to the mouse from the start.
    pub mouse: bool,
    /// Keys by command: `pause = ["p", "Space"]`.
    pub keys: BTreeMap<String, Vec<String>>,
}

/// What was chosen last time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Kept {
    theme: Option<ThemeName>,
    lists: BTreeMap<String, KeptList>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct KeptList {
    sort: String,
    inverted: bool,
    hidden: Vec<String>,
}

/// Where the configuration file is.
///
/// # Errors
///
/// Where there is no home directory.
pub fn config_path() -> io::Result<PathBuf> {
    let set = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let config = set("XDG_CONFIG_HOME").filter(|path| path.is_absolute());
    let home = || set("HOME").map(|home| home.join(".config"));
    let base =
        config.or_else(home).ok_or_else(|| io::Error::other("neither HOME nor XDG_CONFIG_HOME is set"))?;
    Ok(base.join("mapview/config.toml"))
}

fn kept_path() -> io::Result<PathBuf> {
    Ok(state_folder()?.join("state.json"))
}

/// Reads the configuration; what cannot be understood is said in sentences.
#[must_use]
pub fn config() -> (Config, Vec<String>) {
    let Ok(path) = config_path() else { return (Config::default(), Vec::new()) };
    match fs::read_to_string(&path) {
        Ok(text) => match parse(&text) {
            Ok(config) => (config, Vec::new()),
            Err(why) => (Config::default(), vec![format!("{}: {why}", path.display())]),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => (Config::default(), Vec::new()),
        Err(error) => (Config::default(), vec![format!("{}: {error}", path.display())]),
    }
}

fn parse(text: &str) -> Result<Config, String> {
    toml::from_str(text).map_err(|error| error.to_string().trim().to_owned())
}

/// What the user chose, by the configuration and by the last time; and sentences about what was not understood.
/// `no_color` and `ascii` are what the environment asks for: it has the last word.
#[must_use]
pub fn ui(no_color: bool, ascii: bool) -> (Ui, Vec<String>) {
    let (config, mut said) = config();
    let kept = kept();
    let first_run = kept.is_none();
    let kept = kept.unwrap_or_default();
    let theme = if no_color { ThemeName::Mono } else { config.theme.or(kept.theme).unwrap_or_default() };
    let look = Look { theme, ascii: ascii || config.ascii, mouse: config.mouse };
    let mut ui = Ui::new(look);
    let (keys, errors) = Keys::with(&config.keys);
    said.extend(errors);
    ui.keys = Arc::new(keys);
    ui.first_run = first_run;
    kept.put_into(&mut ui);
    (ui, said)
}

/// `None` at the first time; a file that cannot be read counts as none that was ever chosen.
fn kept() -> Option<Kept> {
    let text = fs::read(kept_path().ok()?).ok()?;
    Some(serde_json::from_slice(&text).unwrap_or_default())
}

/// Keeps what was chosen for the next time. What cannot be written is chosen anew, that is all.
pub fn keep(ui: &Ui, no_color: bool) {
    let theme = if no_color { kept().and_then(|kept| kept.theme) } else { Some(ui.look.theme) };
    let kept = Kept { theme, ..Kept::of(ui) };
    let write = || -> io::Result<()> {
        crate::os::make_private_directory(&state_folder()?)?;
        let path = kept_path()?;
        let new = path.with_extension("json.new");
        fs::write(&new, serde_json::to_vec_pretty(&kept).map_err(io::Error::other)?)?;
        fs::rename(new, path)
    };
    let _ = write();
}

impl Kept {
    fn of(ui: &Ui) -> Kept {
        let list = |id: ListId| {
            let list = ui.list(id);
            let columns = id.columns();
            let title = |index: &usize| columns.get(*index).map(|column| column.title.to_owned());
            KeptList {
                sort: title(&list.sort).unwrap_or_default(),
                inverted: list.inverted,
                hidden: list.hidden.iter().filter_map(title).collect(),
            }
        };
        let lists = ListId::ALL.into_iter().map(|id| (format!("{id:?}").to_lowercase(), list(id)));
        Kept { theme: None, lists: lists.collect() }
    }

    /// Columns go by name: another version may have others.
    fn put_into(&self, ui: &mut Ui) {
        for id in ListId::ALL {
            let Some(kept) = self.lists.get(&format!("{id:?}").to_lowercase()) else { continue };
            let index = |title: &String| id.columns().iter().position(|column| column.title == *title);
            let list = ui.list_mut(id);
            list.sort = index(&kept.sort).unwrap_or(0);
            list.inverted = kept.inverted;
            list.hidden = kept.hidden.iter().filter_map(index).collect();
            if list.hidden.len() >= id.columns().len() {
                list.hidden.clear();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_is_read_and_its_errors_have_a_place() {
        let text = "theme = \"high-contrast\"\nmouse = true\n[keys]\npause = [\"p\", \"Space\"]\n";
        let config = parse(text).expect("it is right");
        assert_eq!(config.theme, Some(ThemeName::HighContrast));
        assert!(config.mouse && !config.ascii);
        assert_eq!(config.keys["pause"], ["p", "Space"]);
        for wrong in ["theme = \"pink\"", "colour = 1", "keys = 3", "theme ="] {
            let why = parse(wrong).expect_err(wrong);
            assert!(why.contains("line 1"), "{why}");
        }
        assert_eq!(parse(""), Ok(Config::default()));
    }

    #[test]
    fn what_was_chosen_comes_back_by_name() {
        let mut ui = Ui::default();
        let list = ui.list_mut(ListId::Maps);
        (list.sort, list.inverted) = (4, true);
        list.hidden.insert(2);
        let text = serde_json::to_string(&Kept::of(&ui)).expect("it can be written");
        assert!(text.contains("\"entries\"") && text.contains("\"kind\""), "{text}");
        let mut again = Ui::default();
        serde_json::from_str::<Kept>(&text).expect("it can be read").put_into(&mut again);
        let list = again.list(ListId::Maps);
        assert_eq!((list.sort, list.inverted, list.hidden.len()), (4, true, 1));
        // Another version's names are left aside.
        let strange = r#"{"lists":{"maps":{"sort":"teleports","hidden":["x"]},"ghosts":{}},"more":1}"#;
        let mut again = Ui::default();
        serde_json::from_str::<Kept>(strange).expect("it can be read").put_into(&mut again);
        assert_eq!(again.list(ListId::Maps).sort, 0);
    }
}
