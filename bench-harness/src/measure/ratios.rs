//! Four ratios of footprint to live bytes.

/// Sums and peaks from which the four ratios are made.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Ratios {
    footprints: f64,
    lives: f64,
    peak_live: usize,
    at_peak_live: f64,
    peak_footprint: usize,
    at_peak_footprint: f64,
}

impl Ratios {
    /// Counts one moment.
    pub(crate) fn add(&mut self, live: usize, footprint: usize) {
        self.footprints += footprint as f64;
        self.lives += live as f64;
        if live > self.peak_live {
            self.peak_live = live;
            self.at_peak_live = ratio(footprint, live);
        }
        if footprint > self.peak_footprint {
            self.peak_footprint = footprint;
            self.at_peak_footprint = ratio(footprint, live);
        }
    }

    /// F1 to F4.
    pub(crate) fn all(&self) -> [f64; 4] {
        [
            self.footprints / self.lives.max(1.0),
            self.at_peak_live,
            self.at_peak_footprint,
            ratio(self.peak_footprint, self.peak_live),
        ]
    }
}

fn ratio(footprint: usize, live: usize) -> f64 {
    footprint as f64 / live.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_ratio_is_taken_at_its_own_moment() {
        let mut ratios = Ratios::default();
        for (live, footprint) in [(100, 150), (200, 240), (50, 300), (0, 300)] {
            ratios.add(live, footprint);
        }
        assert_eq!(ratios.all(), [990.0 / 350.0, 1.2, 6.0, 1.5]);
    }
}
