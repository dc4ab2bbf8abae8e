//! The options in the environment: variables with one prefix, read once before `main`, without
//! allocating.
//!
//! The library reports an invalid value on stderr and ignores the option. A program that has more rights
//! than its user reads no option.

use core::ffi::CStr;

use crate::message::Line;
use crate::probes::PROBES;
use crate::{c_library, profile, stats};
#[cfg(any(feature = "thread-cached", feature = "hardened"))]
use crate::{stage, tier};

/// The start of every option's name.
const PREFIX: &[u8] = b"MALLOC_LADDER_";

/// An option.
struct Setting {
    /// The name without the prefix.
    name: &'static str,
    /// The valid values, for the message about an invalid one.
    values: &'static str,
    /// Sets the option; `false` if the value is invalid.
    take: fn(&CStr) -> bool,
}

const SETTINGS: &[Setting] = &[
    Setting {
        name: "STATS",
        values: "0, 1, text or json",
        take: stats::set_form,
    },
    Setting {
        name: "STATS_FILE",
        values: "the path of a file, shorter than 256 bytes",
        take: stats::set_file,
    },
    Setting {
        name: "PROFILE",
        values: "the path of a file, shorter than 256 bytes",
        take: profile::set_file,
    },
    Setting {
        name: "PROFILE_EVERY",
        values: "a number of bytes above 0",
        take: set_interval,
    },
    Setting {
        name: "PROFILE_SIGNAL",
        values: "the number of a signal",
        take: profile::set_signal,
    },
    #[cfg(any(feature = "thread-cached", feature = "hardened"))]
    Setting {
        name: "HUGE_PAGES",
        values: "off, adaptive or always",
        take: use_huge_pages,
    },
    #[cfg(any(feature = "thread-cached", feature = "hardened"))]
    Setting {
        name: "HARDENED",
        values: "off, quick or full",
        take: tier::set,
    },
    #[cfg(any(feature = "thread-cached", feature = "hardened"))]
    Setting {
        name: "GUARD",
        values: "a number N: one request in N is guarded, none if N is 0",
        take: guard_one_in,
    },
];

/// Reads all options. The caller does so once, before the program can change its environment.
pub(crate) fn read() {
    if !c_library::is_privileged() {
        c_library::environment().for_each(read_one);
    }
}

fn read_one(entry: &CStr) {
    let Some((name, value)) = split(entry) else {
        return;
    };
    match SETTINGS
        .iter()
        .find(|setting| setting.name.as_bytes() == name)
    {
        Some(setting) if !(setting.take)(value) => refuse(setting, value),
        Some(_) => {}
        None => report_unknown(name),
    }
}

/// Splits an entry with our prefix into the name without the prefix, and the value.
fn split(entry: &CStr) -> Option<(&[u8], &CStr)> {
    let rest = entry.to_bytes_with_nul().strip_prefix(PREFIX)?;
    let equals = rest.iter().position(|&byte| byte == b'=')?;
    let value = CStr::from_bytes_with_nul(&rest[equals + 1..]).ok()?;
    Some((&rest[..equals], value))
}

/// Sets the bytes per sample, of the profile and of the probes.
fn set_interval(value: &CStr) -> bool {
    let bytes = c_library::number(value).filter(|&bytes| bytes > 0);
    let set = |bytes| {
        profile::set_interval(bytes);
        PROBES.sampler().set_interval(bytes);
    };
    bytes.map(set).is_some()
}

#[cfg(any(feature = "thread-cached", feature = "hardened"))]
fn use_huge_pages(value: &CStr) -> bool {
    use thread_cached::HugePages;
    let when = match value.to_bytes() {
        b"off" => HugePages::Off,
        b"adaptive" => HugePages::Adaptive,
        b"always" => HugePages::Always,
        _ => return false,
    };
    stage::HEAP.use_huge_pages(when);
    true
}

#[cfg(any(feature = "thread-cached", feature = "hardened"))]
fn guard_one_in(value: &CStr) -> bool {
    let number = c_library::number(value).and_then(|every| u32::try_from(every).ok());
    number.map(tier::guard_one_in).is_some()
}

fn refuse(setting: &Setting, value: &CStr) {
    let Setting { name, values, .. } = setting;
    let value = value.to_bytes().escape_ascii();
    let mut line = Line::new();
    line.add(format_args!(
        "MALLOC_LADDER_{name} takes {values}; `{value}` is ignored"
    ));
    line.print();
}

fn report_unknown(name: &[u8]) {
    let mut line = Line::new();
    line.add(format_args!(
        "unknown option MALLOC_LADDER_{}; the options are",
        name.escape_ascii()
    ));
    for (index, setting) in SETTINGS.iter().enumerate() {
        let comma = if index == 0 { "" } else { "," };
        line.add(format_args!("{comma} {}", setting.name));
    }
    line.print();
}
