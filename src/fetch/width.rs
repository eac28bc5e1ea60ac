//! How many requests go out side by side: one more after every calm round, half as many once the
//! vendor throttles, as TCP finds out what a line bears.

/// The number of requests that may be under way at once, as the vendor's answers move it.
#[derive(Debug)]
pub struct Width {
    width: usize,
    /// Answers in a row without throttling, since the width last changed.
    calm: usize,
    round: Round,
}

/// Between one throttling and the next. Requests of one round that are throttled together say one
/// thing, not one each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Round(u64);

/// Where it begins.
pub const START: usize = 8;
/// Where it ends: more connections bring little, and look like an attack.
pub const MAX: usize = 32;

impl Default for Width {
    fn default() -> Width {
        Width {
            width: START,
            calm: 0,
            round: Round(0),
        }
    }
}

impl Width {
    /// So many may be under way now.
    pub fn now(&self) -> usize {
        self.width
    }

    /// The round in which a request goes out now.
    pub fn round(&self) -> Round {
        self.round
    }

    /// Takes in an answer that is no throttling.
    pub fn calm(&mut self) {
        self.calm += 1;
        if self.calm >= self.width {
            self.width = (self.width + 1).min(MAX);
            self.calm = 0;
        }
    }

    /// Takes in that a request was throttled which had gone out in `round`.
    pub fn throttled(&mut self, round: Round) {
        self.calm = 0;
        if round == self.round {
            self.width = (self.width / 2).max(1);
            self.round = Round(round.0.wrapping_add(1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after_calm(width: &mut Width, answers: usize) -> usize {
        (0..answers).for_each(|_| width.calm());
        width.now()
    }

    #[test]
    fn a_calm_round_widens_by_one_up_to_the_most() {
        let mut width = Width::default();
        assert_eq!(width.now(), 8);
        assert_eq!(after_calm(&mut width, 7), 8);
        assert_eq!(after_calm(&mut width, 1), 9);
        assert_eq!(after_calm(&mut width, 8), 9);
        assert_eq!(after_calm(&mut width, 1), 10);
        assert_eq!(after_calm(&mut width, 100_000), 32);
    }

    #[test]
    fn throttling_halves_down_to_one() {
        let mut width = Width::default();
        let mut widths = Vec::new();
        for _ in 0..5 {
            let round = width.round();
            width.throttled(round);
            widths.push(width.now());
        }
        assert_eq!(widths, [4, 2, 1, 1, 1]);
        assert_eq!(after_calm(&mut width, 1), 2);
        assert_eq!(after_calm(&mut width, 2), 3);
    }

    #[test]
    fn requests_throttled_together_halve_once() {
        let mut width = Width::default();
        let round = width.round();
        (0..8).for_each(|_| width.throttled(round));
        assert_eq!(width.now(), 4);
        let later = width.round();
        width.throttled(later);
        assert_eq!(width.now(), 2);
    }

    #[test]
    fn a_throttled_request_breaks_a_calm_round_off() {
        let mut width = Width::default();
        let round = width.round();
        width.throttled(round);
        after_calm(&mut width, 3);
        width.throttled(round);
        assert_eq!(after_calm(&mut width, 3), 4);
        assert_eq!(after_calm(&mut width, 1), 5);
    }
}
