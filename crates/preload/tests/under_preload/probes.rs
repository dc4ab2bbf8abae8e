//! The probes for tracers: the notes that lead to them, and what a tracer reads there.

use std::path::Path;
use std::process::Command;

use object::{Object, ObjectSection, SectionKind};

use crate::build::{Program, library, library_of, released};
use crate::notes::{Note, notes};
use crate::run::{output, preloaded, text};

static PROBES: Program = Program::new("probes.c");

/// The two probes are where a tracer looks for them, once each.
fn check(library: &Path) -> [Note; 2] {
    let notes: [Note; 2] = notes(library).try_into().expect("two notes");
    let names = notes.each_ref().map(|note| (&*note.provider, &*note.name));
    assert_eq!(names, [("otel_memory", "alloc"), ("otel_memory", "free")]);
    let numbers = notes.each_ref().map(|note| note.registers().count());
    assert_eq!(numbers, [3, 1]);
    assert_eq!(notes[0].semaphore, notes[1].semaphore);
    let bytes = std::fs::read(library).expect("a library");
    let file = object::File::parse(&*bytes).expect("an ELF file");
    let base = file.section_by_name(".stapsdt.base").expect("the base");
    let semaphores = file.section_by_name(".probes").expect("the semaphore");
    let end = semaphores.address() + semaphores.size();
    for note in &notes {
        assert_eq!(note.base, base.address());
        assert!((semaphores.address()..end).contains(&note.semaphore));
        let holds = |section: &object::Section<'_, '_>| {
            let range = section.address()..section.address() + section.size();
            section.kind() == SectionKind::Text && range.contains(&note.place)
        };
        assert!(file.sections().any(|section| holds(&section)), "{note:?}");
    }
    notes
}

/// Runs the program with the tracer in it.
fn trace(library: &Path) {
    let notes = check(library);
    let Some(program) = PROBES.path() else {
        return;
    };
    let name = library.file_name().expect("a file");
    let mut command = preloaded(program, library);
    command.arg(name).arg(format!("{:x}", notes[0].semaphore));
    for note in &notes {
        command
            .arg(format!("{:x}", note.place))
            .args(note.registers());
    }
    let output = output(&mut command);
    assert_eq!(text(&output.stderr), "");
    assert_eq!(text(&output.stdout), "probes: as it should be\n");
    assert!(output.status.success());
}

#[test]
fn a_tracer_hears_of_a_sample() {
    trace(&library());
}

/// The stages without fast paths ask at each request.
#[test]
fn a_tracer_hears_of_a_sample_on_another_stage() {
    trace(&library_of("mmap-backed"));
}

#[test]
fn a_tracer_hears_of_a_sample_from_the_released_library() {
    let library = released();
    trace(&library);
    let size = std::fs::metadata(library).expect("a library").len();
    assert!(size < 384 << 10, "{size} bytes: the table is in the file");
}

/// What binutils say of the notes, where they are installed.
#[test]
fn readelf_lists_the_probes() {
    let library = library();
    let Ok(listed) = Command::new("readelf").arg("-nW").arg(&library).output() else {
        return println!("skipped: there is no `readelf`");
    };
    let listed = text(&listed.stdout);
    for note in check(&library) {
        let Note {
            name, arguments, ..
        } = note;
        let lines = [
            "Provider: otel_memory".to_owned(),
            format!("Name: {name}"),
            format!("Arguments: {arguments}"),
        ];
        for line in lines {
            assert!(listed.contains(&line), "{line} is in {listed}");
        }
    }
}
