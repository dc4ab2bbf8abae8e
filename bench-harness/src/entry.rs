//! One allocator of the table, and the words that describe it.

use std::alloc::GlobalAlloc;
use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::allocators::BASELINE;
use crate::machine::version_of;
use crate::memory::Room;
use crate::peers::{Global, Peer, libc};
use crate::script::Script;
use crate::subject::{Made, Subject};
use crate::threads::{GlobalSubject, Shared};

/// Where an allocator gets its memory, and hence how its footprint is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// One heap that it is given; reuses what is freed.
    Fixed,
    /// One heap that it is given; reuses next to nothing, so it needs room for every request.
    Arena,
    /// The operating system.
    System,
}

/// What an allocator is here for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A stage of this workspace.
    Stage,
    /// An allocator by others.
    Peer,
    /// The same allocator again: how far apart two rows are that should be equal.
    Control,
    /// Shows what the harness itself costs, or how it takes a broken allocator. Not in the tables.
    Hidden,
}

/// What kind of allocator it is: rows of one kind answer the same need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// A stage of this workspace, whatever it is.
    Stage,
    /// The system's own.
    Libc,
    /// A bump arena: its blocks are freed together.
    Arena,
    /// Works in memory that it is given, under the caller's lock.
    FixedHeap,
    /// A program's global allocator with a cache for each thread, in Rust.
    RustGlobal,
    /// The same in C or C++.
    CGlobal,
    /// A library that the user names, in the place of libc's `malloc`.
    Preloaded,
    /// The harness's own.
    Harness,
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Stage => "stage",
            Self::Libc => "libc",
            Self::Arena => "bump arena",
            Self::FixedHeap => "fixed heap",
            Self::RustGlobal => "global, Rust",
            Self::CGlobal => "global, C",
            Self::Preloaded => "preloaded",
            Self::Harness => "harness",
        })
    }
}

/// What a user needs an allocator for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Need {
    /// A program's `malloc`: takes its memory from the operating system.
    Process,
    /// A heap in memory that the caller provides, with reuse of what is freed.
    Fixed,
    /// Blocks that are freed together.
    Arena,
}

/// One allocator of the table.
pub struct Entry {
    /// What it is called on the command line and in tables.
    pub name: &'static str,
    /// The package it comes from.
    pub package: &'static str,
    /// The package's version in the `Cargo.lock` that it was built with; `None` of the system's.
    pub version: Option<&'static str>,
    /// How it works, in a few words.
    pub about: &'static str,
    /// What it is here for.
    pub role: Role,
    /// What kind of allocator it is.
    pub category: Category,
    /// Where its memory comes from.
    pub memory: Memory,
    /// How it is made and what can be asked of it.
    pub subject: Box<dyn Subject>,
    /// The same for threads that share it, if it does not need a lock for that.
    pub shared: Option<Box<dyn GlobalSubject>>,
    /// The library whose `malloc` takes the place of libc's in the children that are asked.
    pub preload: Option<PathBuf>,
}

impl Entry {
    /// A global allocator by others that takes its memory from the operating system: one line for
    /// the table of another program. `version` is that of `package`, from where it was locked.
    pub fn peer<G: GlobalAlloc + Sync>(
        name: &'static str,
        package: &'static str,
        version: Option<&'static str>,
        category: Category,
        about: &'static str,
        make: fn(&mut Room) -> Peer<Global<G>>,
    ) -> Self {
        let (role, memory) = (Role::Peer, Memory::System);
        Self {
            version,
            shared: Some(Box::new(Shared::new(make))),
            ..entry(
                name,
                package,
                about,
                role,
                category,
                memory,
                Made::new(make),
            )
        }
    }

    /// The library at `path`, a peer or a stage, preloaded into a child that calls libc's `malloc`.
    pub fn preloaded(name: &'static str, path: PathBuf, role: Role) -> Self {
        let memory = Memory::System;
        let about = "a library that is preloaded";
        Self {
            version: None,
            preload: Some(path),
            ..entry(
                name,
                name,
                about,
                role,
                Category::Preloaded,
                memory,
                Made::new(|_| libc()),
            )
        }
    }

    /// The need that it answers; `None` of the harness's own allocators and of the control.
    pub fn need(&self) -> Option<Need> {
        match (self.role, self.memory) {
            (Role::Hidden | Role::Control, _) => None,
            (_, Memory::System) => Some(Need::Process),
            (_, Memory::Fixed) => Some(Need::Fixed),
            (_, Memory::Arena) => Some(Need::Arena),
        }
    }

    /// Whether a whole program can run on it, with several threads: `mmap-backed` without its lock takes
    /// memory from the system, but one thread alone may call it.
    pub fn runs_a_program(&self) -> bool {
        self.shared.is_some() || self.preload.is_some() || self.category == Category::Libc
    }

    /// What a child has to look for in its table.
    pub fn name_in_child(&self) -> &'static str {
        match self.preload {
            Some(_) => BASELINE,
            None => self.name,
        }
    }

    /// Bytes of room for timing and verifying: the same rule for all that reuse memory, and room
    /// for every request for those that do not.
    pub fn room_len(&self, script: &Script) -> usize {
        match self.memory {
            Memory::Arena => script.roomy_without_reuse(),
            Memory::Fixed | Memory::System => script.roomy(),
        }
    }
}

/// An entry with the version that this workspace is built with.
pub(crate) fn entry(
    name: &'static str,
    package: &'static str,
    about: &'static str,
    role: Role,
    category: Category,
    memory: Memory,
    subject: impl Subject + 'static,
) -> Entry {
    Entry {
        name,
        package,
        version: version_of(package),
        about,
        role,
        category,
        memory,
        subject: Box::new(subject),
        shared: None,
        preload: None,
    }
}
