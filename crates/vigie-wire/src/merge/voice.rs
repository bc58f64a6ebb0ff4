//! Family **voice**: pieces of an hour gathered into one.

use std::collections::BTreeMap;

use vigie_core::limits::WINDOW_CELLS_MAX;
use vigie_core::vocabulary::{
    ChannelId, GuildId, UserId, VoiceCell, VoiceMinute, VoicePeak, VoiceTime, VoiceWindow,
};

/// What was gathered of one hour.
#[derive(Debug, Default)]
pub(super) struct VoiceFold {
    cells: BTreeMap<(ChannelId, UserId), VoiceCell>,
    minutes: BTreeMap<u8, VoiceMinute>,
    peaks: BTreeMap<ChannelId, u32>,
}

impl VoiceFold {
    /// Takes in a window of this hour; `false`, and nothing is taken, if it has somebody as another kind of member, or a sum
    /// does not fit. An empty fold takes in any window that [`is_plain`].
    pub(super) fn window(&mut self, window: &VoiceWindow) -> bool {
        let cell_fits = |cell: &VoiceCell| match self.cells.get(&(cell.channel, cell.member)) {
            Some(place) => place.kind == cell.kind && cell_sum(place, cell).is_some(),
            None => true,
        };
        let minute_fits = |minute: &VoiceMinute| match self.minutes.get(&minute.minute) {
            Some(place) => minute_sum(place, minute).is_some(),
            None => true,
        };
        if !window.cells.iter().all(cell_fits) || !window.minutes.iter().all(minute_fits) {
            return false;
        }
        for cell in &window.cells {
            let place = self.cells.entry((cell.channel, cell.member));
            place
                .and_modify(|place| *place = cell_sum(place, cell).expect("seen to fit"))
                .or_insert(*cell);
        }
        for minute in &window.minutes {
            let place = self.minutes.entry(minute.minute);
            place
                .and_modify(|place| *place = minute_sum(place, minute).expect("seen to fit"))
                .or_insert(*minute);
        }
        for peak in &window.peaks {
            let place = self.peaks.entry(peak.channel).or_default();
            *place = (*place).max(peak.peak);
        }
        true
    }

    /// The records that say it.
    pub(super) fn pieces(
        self,
        guild: GuildId,
        unix_hour: u32,
    ) -> impl Iterator<Item = VoiceWindow> {
        let mut cells = self.cells.into_values();
        let mut minutes: Vec<_> = self.minutes.into_values().collect();
        let peaks = self.peaks.into_iter();
        let mut peaks = peaks.map(|(channel, peak)| VoicePeak { channel, peak });
        std::iter::from_fn(move || {
            let piece = VoiceWindow {
                guild,
                unix_hour,
                cells: cells.by_ref().take(WINDOW_CELLS_MAX).collect(),
                minutes: std::mem::take(&mut minutes),
                peaks: peaks.by_ref().take(WINDOW_CELLS_MAX).collect(),
            };
            let is_over =
                piece.cells.is_empty() && piece.minutes.is_empty() && piece.peaks.is_empty();
            (!is_over).then_some(piece)
        })
    }
}

/// Whether a window names each cell and each minute once, as all do that the core makes.
pub(super) fn is_plain(window: &VoiceWindow) -> bool {
    let place = |cell: &VoiceCell| (cell.channel, cell.member);
    window.cells.is_sorted_by(|a, b| place(a) < place(b))
        && window.minutes.is_sorted_by(|a, b| a.minute < b.minute)
}

/// Both cells together, under the kind of the first.
fn cell_sum(a: &VoiceCell, b: &VoiceCell) -> Option<VoiceCell> {
    let mut figures = a.time.figures();
    for (sum, more) in figures.iter_mut().zip(b.time.figures()) {
        *sum = sum.checked_add(more)?;
    }
    let sessions = a.sessions.checked_add(b.sessions)?;
    Some(VoiceCell { sessions, time: VoiceTime::from_figures(figures), ..*a })
}

/// Both pieces of a minute together.
fn minute_sum(a: &VoiceMinute, b: &VoiceMinute) -> Option<VoiceMinute> {
    Some(VoiceMinute {
        minute: a.minute,
        total_ms: a.total_ms.checked_add(b.total_ms)?,
        active_ms: a.active_ms.checked_add(b.active_ms)?,
        peak: a.peak.max(b.peak),
    })
}
