//! What the system knows of this process, under the names that all exporters use. From `/proc`; where there is none,
//! little is told.

use std::fmt;
use std::fs;

use muster_core::Timestamp;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;

use crate::limits;

#[derive(Debug)]
pub(crate) struct Process {
    /// Seconds since 1970.
    started: f64,
}

impl Process {
    pub(crate) fn started(at: Timestamp) -> Self {
        Self { started: at.since(Timestamp::from_millis(0)).as_secs_f64() }
    }
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let gauge = |encoder: &mut DescriptorEncoder<'_>, name: &str, help: &str, unit: Option<&Unit>, value: f64| {
            let gauge = ConstGauge::new(value);
            gauge.encode(encoder.encode_descriptor(name, help, unit, gauge.metric_type())?)
        };
        let seconds = Some(&Unit::Seconds);
        gauge(&mut encoder, "process_start_time", "When the process began, since 1970", seconds, self.started)?;
        if let Some(used) = cpu_seconds() {
            let used = ConstCounter::new(used);
            let help = "Time of processors that was used";
            used.encode(encoder.encode_descriptor("process_cpu", help, seconds, used.metric_type())?)?;
        }
        let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
        for (key, name, help) in [
            ("VmSize:", "process_virtual_memory", "Addresses in use"),
            ("VmRSS:", "process_resident_memory", "Memory in use, mapped files among it"),
            ("RssAnon:", "process_anonymous_memory", "Memory in use that is backed by no file"),
        ] {
            if let Some(kibibytes) = number(&status, key) {
                gauge(&mut encoder, name, help, Some(&Unit::Bytes), kibibytes * 1024.0)?;
            }
        }
        if let Some(threads) = number(&status, "Threads:") {
            gauge(&mut encoder, "process_threads", "Threads", None, threads)?;
        }
        if let Ok(open) = fs::read_dir("/proc/self/fd") {
            let open = f64::from(u32::try_from(open.count()).unwrap_or(u32::MAX));
            gauge(&mut encoder, "process_open_fds", "Open files and connections", None, open)?;
        }
        if let Some(most) = limits::open_files() {
            let most = f64::from(u32::try_from(most).unwrap_or(u32::MAX));
            gauge(&mut encoder, "process_max_fds", "How many files and connections may be open", None, most)?;
        }
        Ok(())
    }
}

/// The number after `key` in the lines of `/proc/self/status`.
fn number(status: &str, key: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Of all threads, in the system and out of it.
fn cpu_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program, in parentheses, may hold anything; user and system time are 11 and 12 words after it.
    let (_, words) = stat.rsplit_once(')')?;
    let mut ticks = words.split_whitespace().skip(11).take(2).map(|word| word.parse::<u32>().ok().map(f64::from));
    let ticks = ticks.next()?? + ticks.next()??;
    let each = u32::try_from(rustix::param::clock_ticks_per_second()).ok()?;
    Some(ticks / f64::from(each))
}
