//! Profiles that others are based on: getting their texts, and not going round in circles.

use crate::Format;

/// The text of a profile that another one names as its base.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseText {
    /// What tells it apart from others whatever it is called by: the whole path, say.
    pub id: String,
    /// The text.
    pub text: String,
    /// How it is written.
    pub format: Format,
}

/// Gets the text of a base: by the name that a profile calls it, and the id of that profile. An error says in words
/// why there is none.
pub type FindBase<'a> = dyn FnMut(&str, Option<&str>) -> Result<BaseText, String> + 'a;

/// For readers of texts alone: a base is a built-in profile.
pub(crate) fn no_files(_: &str, _: Option<&str>) -> Result<BaseText, String> {
    Err("files cannot be read here".to_owned())
}

/// The profiles that are being read, from the one that the user named to the base of a base.
pub(crate) struct Bases<'a> {
    ids: Vec<String>,
    find: &'a mut FindBase<'a>,
}

impl<'a> Bases<'a> {
    pub(crate) fn new(id: Option<&str>, find: &'a mut FindBase<'a>) -> Self {
        Bases { ids: id.map(str::to_owned).into_iter().collect(), find }
    }

    /// The text of the base that the profile being read calls so.
    pub(crate) fn find(&mut self, name: &str) -> Result<BaseText, String> {
        (self.find)(name, self.ids.last().map(String::as_str))
    }

    /// Whether this profile is being read already.
    pub(crate) fn holds(&self, id: &str) -> bool {
        self.ids.iter().any(|known| known == id)
    }

    /// Whether no more of them may be based on each other: each one is read within the reading of another.
    pub(crate) fn are_many(&self) -> bool {
        self.ids.len() >= 32
    }

    /// Reads a base.
    pub(crate) fn within<T>(&mut self, id: String, read: impl FnOnce(&mut Self) -> T) -> T {
        self.ids.push(id);
        let result = read(self);
        self.ids.pop();
        result
    }
}
