//! What full-text search looks into, and whether an archive has an index for it.

use crate::archive::reader::Reader;

/// The text of event `e`: its file's name, and its details as the views have them.
pub(crate) const SEARCHED_TEXT: &str = "coalesce((select text from main.word where id = e.file_name) || char(10), '') \
     || coalesce((select details from main.events where key = e.key), '')";

impl Reader {
    /// Whether there is an index; an archive that no newer program wrote to has none.
    pub(crate) fn has_search(&self) -> bool {
        let state = self.connection.prepare("select 1 from search_state");
        state.is_ok_and(|mut state| state.exists([]).unwrap_or_default())
    }
}
