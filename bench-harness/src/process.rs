//! What the operating system says about this process. Nothing here allocates while a subject runs.

use std::fs::File;
use std::io::Read;
use std::time::Duration;

use serde::{Deserialize, Serialize};

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

/// What a replay added to the memory of its process, in bytes: the largest of several samples.
///
/// The kernel's own high-water mark (`VmHWM`) is no help for small heaps: it is summed up from
/// per-CPU counters and lags by some 100 kB, and it counts pages of the program's code, which come
/// in as it first runs. `smaps_rollup` is exact and tells anonymous memory apart; it is read at
/// the step of peak live bytes and at even distances before and after.
#[derive(Clone, Copy, Debug)]
pub struct Resident {
    before: Sample,
    anonymous: usize,
}

/// The memory of this process at one moment, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// Resident pages that are no file's.
    pub(crate) anonymous: usize,
}

impl Sample {
    /// The memory now.
    pub(crate) fn take() -> Self {
        Self {
            anonymous: kib_field("/proc/self/smaps_rollup", "\nAnonymous:"),
        }
    }
}

impl Resident {
    /// Takes what is resident now as the ground level.
    pub(crate) fn start() -> Self {
        Self {
            before: Sample::take(),
            anonymous: 0,
        }
    }

    /// What there is now beyond that at the start.
    pub(crate) fn now(&self) -> Sample {
        let now = Sample::take();
        Sample {
            anonymous: now.anonymous.saturating_sub(self.before.anonymous),
        }
    }

    /// Looks at the memory now and keeps the most.
    pub(crate) fn sample(&mut self) {
        let now = self.now();
        self.anonymous = self.anonymous.max(now.anonymous);
    }

    /// The same above another ground level than this process's own.
    pub(crate) fn above(self, ground: Sample) -> Self {
        let most = self.before.anonymous + self.anonymous;
        Self {
            before: ground,
            anonymous: most.saturating_sub(ground.anonymous),
        }
    }

    /// The most anonymous memory resident in a sample beyond that at the start.
    pub fn peak_rss(&self) -> usize {
        self.anonymous
    }
}

/// Whether the kernel gave this process huge pages that nobody asked it for by name.
pub(crate) fn has_huge_pages() -> bool {
    kib_field("/proc/self/smaps_rollup", "\nAnonHugePages:") > 0
}

/// Bytes resident in this process, those of files included.
pub(crate) fn resident() -> usize {
    kib_field("/proc/self/smaps_rollup", "\nRss:")
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
    fn memory_above_another_ground_counts_what_was_there_before() {
        let resident = Resident {
            before: Sample { anonymous: 100 },
            anonymous: 10,
        };
        assert_eq!(resident.above(Sample { anonymous: 30 }).peak_rss(), 80);
    }

    /// In a process of its own: tests on other threads give back what they had.
    #[test]
    fn touched_memory_is_counted() {
        const ALONE: &str = "TOUCHES_MEMORY_ALONE";
        if std::env::var_os(ALONE).is_none() {
            let tests = std::env::current_exe().expect("the test's own path");
            let name = "process::tests::touched_memory_is_counted";
            let output = std::process::Command::new(tests)
                .args([name, "--exact", "--test-threads=1"])
                .env(ALONE, "1")
                .output()
                .expect("a child");
            let said = String::from_utf8_lossy(&output.stdout);
            assert!(
                output.status.success() && said.contains("1 passed"),
                "{said}"
            );
            return;
        }
        let mut resident = Resident::start();
        let block = std::hint::black_box(vec![1_u8; 64 << 20]);
        resident.sample();
        let touched = 64 << 20..72 << 20;
        assert!(touched.contains(&resident.peak_rss()), "{resident:?}");
        drop(block);
    }
}
