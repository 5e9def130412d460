//! A histogram of atomics: observing takes no lock, unlike the one of `prometheus-client`.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prometheus_client::encoding::{EncodeMetric, MetricEncoder, NoLabelSet};
use prometheus_client::metrics::{MetricType, TypedMetric};

/// In what an observation is counted, and into what it is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scale {
    /// Nanoseconds, shown as seconds.
    Time,
    /// How many of something.
    Count,
}

/// From a tenth of a millisecond to ten seconds, in nanoseconds.
const TIMES: &[u64] = &[
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    25_000_000,
    50_000_000,
    100_000_000,
    250_000_000,
    500_000_000,
    1_000_000_000,
    2_500_000_000,
    5_000_000_000,
    10_000_000_000,
];
const COUNTS: &[u64] = &[1, 2, 4, 8, 16, 32, 64, 128];

impl Scale {
    const fn bounds(self) -> &'static [u64] {
        match self {
            Self::Time => TIMES,
            Self::Count => COUNTS,
        }
    }

    /// Exact enough for what a histogram says.
    fn shown(self, value: u64) -> f64 {
        match self {
            Self::Time => Duration::from_nanos(value).as_secs_f64(),
            Self::Count => f64::from(u32::try_from(value).unwrap_or(u32::MAX)),
        }
    }
}

/// How often which sizes were observed. Clones count together.
#[derive(Clone)]
pub struct Histogram(Arc<Observed>);

struct Observed {
    scale: Scale,
    /// One for each bound, and one for what is beyond the last.
    counts: Box<[AtomicU64]>,
    sum: AtomicU64,
}

impl Histogram {
    /// Of durations.
    #[must_use]
    pub fn times() -> Self {
        Self::new(Scale::Time)
    }

    /// Of small numbers.
    #[must_use]
    pub fn counts() -> Self {
        Self::new(Scale::Count)
    }

    fn new(scale: Scale) -> Self {
        let counts = (0..=scale.bounds().len()).map(|_| AtomicU64::new(0)).collect();
        Self(Arc::new(Observed { scale, counts, sum: AtomicU64::new(0) }))
    }

    /// For a histogram of [`Histogram::times`].
    pub fn observe(&self, time: Duration) {
        self.add(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
    }

    /// For a histogram of [`Histogram::counts`].
    pub fn observe_count(&self, count: usize) {
        self.add(u64::try_from(count).unwrap_or(u64::MAX));
    }

    fn add(&self, value: u64) {
        let Observed { scale, counts, sum } = &*self.0;
        let place = scale.bounds().partition_point(|bound| *bound < value);
        counts[place].fetch_add(1, Ordering::Relaxed);
        sum.fetch_add(value, Ordering::Relaxed);
    }

    /// How many there were so far.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.counts.iter().map(|count| count.load(Ordering::Relaxed)).sum()
    }
}

impl fmt::Debug for Histogram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Histogram").field("scale", &self.0.scale).field("count", &self.count()).finish()
    }
}

impl TypedMetric for Histogram {
    const TYPE: MetricType = MetricType::Histogram;
}

impl EncodeMetric for Histogram {
    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        let Observed { scale, counts, sum } = &*self.0;
        let bounds = scale.bounds().iter().map(|bound| scale.shown(*bound)).chain([f64::INFINITY]);
        let counts = counts.iter().map(|count| count.load(Ordering::Relaxed));
        let buckets: Vec<(f64, u64)> = bounds.zip(counts).collect();
        // Of the very numbers that are shown, so that they agree while others go on counting.
        let count = buckets.iter().map(|(_, count)| count).sum();
        encoder.encode_histogram::<NoLabelSet>(scale.shown(sum.load(Ordering::Relaxed)), count, &buckets, None)
    }

    fn metric_type(&self) -> MetricType {
        Self::TYPE
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::text::encode;
    use prometheus_client::registry::Registry;

    use super::*;

    fn text(histogram: &Histogram) -> String {
        let mut registry = Registry::default();
        registry.register("h", "Of a test", histogram.clone());
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        text
    }

    #[test]
    fn each_observation_is_in_the_bucket_whose_bound_it_does_not_exceed() {
        let histogram = Histogram::times();
        for micros in [100, 101, 250, 20_000_000] {
            histogram.observe(Duration::from_micros(micros));
        }
        let text = text(&histogram);
        for line in [
            r#"h_bucket{le="0.0001"} 1"#,
            r#"h_bucket{le="0.00025"} 3"#,
            r#"h_bucket{le="10.0"} 3"#,
            r#"h_bucket{le="+Inf"} 4"#,
            "h_sum 20.000451",
            "h_count 4",
        ] {
            assert!(text.lines().any(|shown| shown == line), "{line} in\n{text}");
        }
    }

    #[test]
    fn clones_count_together() {
        let histogram = Histogram::counts();
        histogram.clone().observe_count(3);
        histogram.observe_count(200);
        let text = text(&histogram);
        assert_eq!(histogram.count(), 2);
        assert!(text.contains("le=\"4.0\"} 1") && text.contains("h_sum 203.0"), "{text}");
    }
}
