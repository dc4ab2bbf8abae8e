//! What the operating system says about this process. Nothing here allocates while a subject runs.

use std::fs::File;
use std::io::{Read, Write};
use std::time::Duration;

/// CPU time of the calling thread so far: what the clock says, less the time others had the CPU.
pub fn cpu_time() -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the call fills in the value it is given.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// Page faults of this process so far that needed no disk.
pub fn page_faults() -> u64 {
    // SAFETY: an all-zero `rusage` is a value of it; the call fills it in.
    let usage = unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    };
    u64::try_from(usage.ru_minflt).unwrap_or(0)
}

/// What a replay added to the memory of its process, in bytes.
///
/// The kernel's own high-water mark (`VmHWM`) lags by some 100 kB since it is summed up from
/// per-CPU counters; the exact sum of `smaps_rollup` is taken once, at the step of peak live
/// bytes. The larger of the two is reported.
#[derive(Clone, Copy, Debug)]
pub struct Resident {
    before: Sample,
    peak_rss: usize,
    mapped: usize,
}

#[derive(Clone, Copy, Debug)]
struct Sample {
    exact_rss: usize,
    high_water: usize,
    writable: usize,
}

impl Sample {
    fn take() -> Self {
        Self {
            exact_rss: kib_field("/proc/self/smaps_rollup", "\nRss:"),
            high_water: kib_field("/proc/self/status", "\nVmHWM:"),
            writable: kib_field("/proc/self/status", "\nVmData:"),
        }
    }
}

impl Resident {
    /// Starts counting: resets the high-water mark to what is resident now.
    pub(crate) fn start() -> Self {
        if let Ok(mut file) = File::options().write(true).open("/proc/self/clear_refs") {
            let _ = file.write_all(b"5");
        }
        Self {
            before: Sample::take(),
            peak_rss: 0,
            mapped: 0,
        }
    }

    /// Looks at the memory now.
    pub(crate) fn sample(&mut self) {
        let now = Sample::take();
        let exact = now.exact_rss.saturating_sub(self.before.exact_rss);
        self.peak_rss = self.peak_rss.max(exact);
        self.mapped = self
            .mapped
            .max(now.writable.saturating_sub(self.before.writable));
    }

    /// Looks at the high-water mark.
    pub(crate) fn finish(&mut self) {
        let high_water = kib_field("/proc/self/status", "\nVmHWM:");
        let added = high_water.saturating_sub(self.before.high_water);
        self.peak_rss = self.peak_rss.max(added);
    }

    /// The most bytes resident at one time beyond those at the start.
    pub fn peak_rss(&self) -> usize {
        self.peak_rss
    }

    /// Bytes of private writable mappings, at the step of peak live bytes, beyond those at the
    /// start. A reservation without access is not counted.
    pub fn mapped(&self) -> usize {
        self.mapped
    }
}

/// The number after `name` in a file of `name: number kB` lines, in bytes; 0 where there is none.
fn kib_field(path: &str, name: &str) -> usize {
    let mut text = [0; 4096];
    let len = File::open(path)
        .and_then(|mut file| file.read(&mut text))
        .unwrap_or(0);
    let text = std::str::from_utf8(&text[..len]).unwrap_or("");
    let rest = text.split_once(name).map_or("", |(_, rest)| rest);
    let number = rest
        .split_whitespace()
        .next()
        .and_then(|word| word.parse::<usize>().ok());
    number.unwrap_or(0) * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn touched_memory_is_counted() {
        let mut resident = Resident::start();
        let block = std::hint::black_box(vec![1_u8; 32 << 20]);
        resident.sample();
        resident.finish();
        assert!(resident.peak_rss() >= 31 << 20, "{resident:?}");
        assert!(resident.mapped() >= 31 << 20, "{resident:?}");
        drop(block);
    }
}
