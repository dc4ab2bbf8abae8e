//! Tests of the place and the summary of each process's trace, for all kinds of programs.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use alloc_trace::Trace;

use crate::support::{Folder, count, names};

const WORKER: &str = "int main() { work(5000, 77); return 0; }";

/// A shim that a version manager installs for a program: it runs some helpers and becomes the program.
const SHIM: &str = "for i in 1 2 3; do ls / > /dev/null; done\nexec env ./worker";

#[test]
fn the_named_program_is_what_a_shim_becomes() {
    let folder = Folder::new();
    folder.compile("worker", WORKER);
    let recorded = folder.record(&[], folder.script("shim", SHIM));
    recorded.says(&[
        "worker (process ",
        "10,000 calls by 1 thread",
        "--all keeps them",
    ]);
    let trace = folder.trace();
    assert_eq!(count(&trace, 77), 5000);
    assert_eq!(trace.provenance.program, "worker");
    assert!(!trace.is_threaded(None), "one thread allocates");
    assert_eq!(
        folder.names(),
        ["out.trace", "shim", "worker"],
        "{}",
        recorded.errors
    );
    assert!(!recorded.errors.contains("warning"), "{}", recorded.errors);
    assert_eq!(recorded.code, Some(0));
}

#[test]
fn all_keeps_the_traces_of_small_processes_in_a_folder_beside() {
    let folder = Folder::new();
    folder.compile("worker", WORKER);
    let recorded = folder.record(&["--all"], folder.script("shim", SHIM));
    assert!(!recorded.errors.contains("not kept"), "{}", recorded.errors);
    let kept = names(&folder.path("out.trace.d"));
    assert!(
        kept.iter().filter(|name| name.starts_with("ls-")).count() == 3,
        "{kept:?}"
    );
    assert_eq!(count(&folder.trace(), 77), 5000);
}

#[test]
fn a_wrapper_that_waits_for_its_child_is_told_from_it() {
    let folder = Folder::new();
    folder.compile("worker", WORKER);
    let recorded = folder.record(&[], folder.script("wrapper", "./worker\ntrue"));
    recorded.says(&[
        "warning: `wrapper`, the program that you named, made only ",
        "its child `worker` (process ",
        "), made 10,000: out.trace.d/worker-",
        "\n1 more process:\n  worker (process ",
    ]);
    let kept = names(&folder.path("out.trace.d"));
    assert_eq!(kept.len(), 1, "{kept:?}");
    let trace = Trace::load(folder.path("out.trace.d").join(&kept[0])).unwrap();
    assert_eq!(count(&trace, 77), 5000);
    assert_eq!(folder.trace().provenance.program, "wrapper");
}

#[test]
fn of_many_processes_those_show_that_matter() {
    let folder = Folder::new();
    folder.compile("worker", WORKER);
    let script =
        "for i in 1 2 3 4 5 6 7 8 9; do ls / > /dev/null; done\n./worker\n./worker\nexec ./worker";
    let recorded = folder.record(&[], folder.script("many", script));
    recorded.says(&[
        "12 more processes, 2 of them over 1,000 calls:",
        "10 of them were not kept",
    ]);
    let listed = recorded
        .errors
        .lines()
        .filter(|line| line.starts_with("  worker (process "));
    assert_eq!(listed.count(), 2, "{}", recorded.errors);
    assert_eq!(names(&folder.path("out.trace.d")).len(), 2);
}

/// Forked workers that execute no other program, as in Python's `multiprocessing`.
#[test]
fn workers_are_listed_by_what_they_did() {
    let folder = Folder::new();
    let pool = "int main() {
        work(600, 77);
        for (int i = 1; i <= 3; i++)
            if (!fork()) { work(1000 * i, 100 + i); _exit(0); }
        while (wait(0) > 0) {}
        return 0;
    }";
    let recorded = folder.record(&[], folder.compile("pool", pool));
    recorded.says(&["3 more processes:"]);
    let workers: Vec<&str> = recorded
        .errors
        .lines()
        .filter(|line| line.starts_with("  pool (process "))
        .collect();
    let calls = ["6,000 calls", "4,000 calls", "2,000 calls"];
    assert_eq!(workers.len(), 3, "{}", recorded.errors);
    assert!(
        workers
            .iter()
            .zip(calls)
            .all(|(line, calls)| line.contains(calls)),
        "{workers:?}"
    );
    let kept = names(&folder.path("out.trace.d"));
    let counts = kept.iter().map(|name| {
        let trace = Trace::load(folder.path("out.trace.d").join(name)).unwrap();
        (1..=3).map(|i| count(&trace, 100 + i)).sum::<usize>()
    });
    assert_eq!(counts.sum::<usize>(), 6000);
    assert_eq!(count(&folder.trace(), 77), 600);
}

#[test]
fn a_second_thread_makes_a_trace_threaded() {
    let folder = Folder::new();
    let body = "#include <pthread.h>
    static void *run(void *none) { work(500, 78); return none; }
    int main() { pthread_t t; pthread_create(&t, 0, run, 0); work(500, 77); pthread_join(t, 0); return 0; }";
    let program = folder.try_compile("threads", body, &["-pthread"]).unwrap();
    folder.record(&[], program).says(&["by 2 threads"]);
    assert!(folder.trace().is_threaded(None));
}

#[test]
fn of_few_calls_it_is_said_that_they_are_few() {
    let folder = Folder::new();
    let recorded = folder.record(
        &[],
        folder.compile("few", "int main() { work(20, 7); return 3; }"),
    );
    recorded.says(&[
        "made only 40 calls: too few to compare allocators by",
        "exit status: 3",
    ]);
    assert_eq!(recorded.code, Some(3));
    assert_eq!(count(&folder.trace(), 7), 20);
}

/// Records a program whose calls the recorder cannot see: it leaves no trace, and nothing beside the program.
fn refuse(folder: &Folder, name: &str, why: &[&str]) {
    let before = folder.names();
    let recorded = folder.record(&[], folder.path(name));
    recorded.says(&["nothing was recorded", name]);
    recorded.says(why);
    assert_eq!(recorded.code, Some(1));
    assert_eq!(folder.names(), before);
}

#[test]
fn a_program_that_allocates_nothing_is_named() {
    let folder = Folder::new();
    folder.compile("idle", "int main() { return 0; }");
    refuse(
        &folder,
        "idle",
        &["made no call that was seen: it allocates nothing"],
    );
}

#[test]
fn a_static_program_is_known_by_its_file() {
    let folder = Folder::new();
    if folder.try_compile("fixed", WORKER, &["-static"]).is_none() {
        return eprintln!("skipped: this compiler links nothing statically");
    }
    refuse(&folder, "fixed", &["statically linked", "--rust"]);
    let recorded = folder.record(&[], folder.script("shim", "exec ./fixed"));
    recorded.says(&[
        "`shim`, the program that you named",
        "ended under the name `fixed`",
    ]);
}

#[test]
fn a_program_with_a_malloc_of_its_own_is_known_by_its_symbols() {
    let folder = Folder::new();
    let body = "static char memory[1 << 20]; static size_t at;
    void *malloc(size_t n) { void *p = memory + at; at = (at + n + 15) & ~15ul; return p; }
    void free(void *p) {}
    int main() { work(100, 8); return 0; }";
    folder.compile("own", body);
    refuse(&folder, "own", &["a `malloc` of its own"]);
}

#[test]
fn a_setuid_program_is_known_by_its_file() {
    let folder = Folder::new();
    let program = folder.compile("suid", WORKER);
    // SAFETY: the call takes no argument and cannot fail.
    if unsafe { libc::geteuid() } != 0 {
        return eprintln!("skipped: only root can make a program of another user's");
    }
    use std::os::unix::fs::{PermissionsExt as _, chown};
    chown(&program, Some(65_534), None).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o4755)).unwrap();
    refuse(&folder, "suid", &["setuid"]);
}

#[test]
fn pools_of_a_runtime_are_named_with_the_variable_that_turns_them_off() {
    let folder = Folder::new();
    let body = "int main() { work(5000, 77); char *m = getenv(\"PYTHONMALLOC\"); if (m) say(m); return 0; }";
    let python = folder.compile("python3.99", body);
    folder
        .record(&[], &python)
        .says(&["warning: Python", "`--env PYTHONMALLOC=malloc`"]);
    let recorded = folder.record(&["--env", "PYTHONMALLOC=malloc"], &python);
    assert!(!recorded.errors.contains("warning"), "{}", recorded.errors);
    assert_eq!(recorded.out, "malloc", "the program has the variable");
}

#[test]
fn a_program_in_go_is_known_by_its_section() {
    let folder = Folder::new();
    let body = "__attribute__((section(\".go.buildinfo\"), used)) static char info[32] = \"x\";
    int main() { work(5000, 77); return 0; }";
    folder
        .record(&[], folder.compile("gopher", body))
        .says(&["warning: Go keeps its objects"]);
}

/// Compiles a program that is linked with a library of that name, which has C++'s `new`.
fn compile_linked(folder: &Folder, library: &str, body: &str) -> PathBuf {
    let new = "void *_Znwm(unsigned long n) { return 0; }";
    let shared = ["-shared", "-fPIC", &format!("-Wl,-soname,{library}")];
    folder.try_compile(library, new, &shared).unwrap();
    let here = folder.path("").display().to_string();
    let linked = [
        "-Wl,--no-as-needed",
        "-L",
        &here,
        &format!("-l:{library}"),
        &format!("-Wl,-rpath,{here}"),
    ];
    folder.try_compile("linked", body, &linked).unwrap()
}

#[test]
fn the_allocator_that_a_program_is_linked_with_is_named() {
    let folder = Folder::new();
    let body = "int main() { work(5000, 77); return 0; }";
    let program = compile_linked(&folder, "libjemalloc.so.2", body);
    let recorded = folder.record(&[], &program);
    recorded.says(&["`linked` is linked with libjemalloc.so.2"]);
    assert!(!recorded.errors.contains("`new`"), "{}", recorded.errors);
    assert_eq!(folder.trace().provenance.allocator, "libjemalloc.so.2");
    let mut info = Command::new(env!("CARGO_BIN_EXE_alloc-trace"));
    let info = info
        .args(["trace", "info"])
        .arg(folder.path("out.trace"))
        .output();
    let info = String::from_utf8(info.unwrap().stdout).unwrap();
    assert!(
        info.contains("libc's in place of libjemalloc.so.2"),
        "{info}"
    );
}

#[test]
fn it_is_said_that_a_linked_allocators_new_is_not_seen() {
    let folder = Folder::new();
    let body = "void *_Znwm(unsigned long); int main() { work(5000, 77); _Znwm(1); return 0; }";
    let program = compile_linked(&folder, "libtcmalloc_minimal.so.4", body);
    folder.record(&[], &program).says(&[
        "is linked with libtcmalloc_minimal.so.4",
        "no block of C++'s `new`",
    ]);
}

/// Such a program would ask its own allocator about blocks that the C library handed out.
#[test]
fn the_usable_size_of_a_recorded_block_is_the_c_librarys() {
    let folder = Folder::new();
    let body = "size_t malloc_usable_size(void *);
    int main() {
        char line[64];
        for (size_t n = 1; n < 8 << 20; n = n * 3 + 5) {
            char *plain = malloc(n), *aligned = 0;
            posix_memalign((void **)&aligned, 64 << n % 3, n);
            snprintf(line, 64, \"%zu %zu\\n\", malloc_usable_size(plain), malloc_usable_size(aligned));
            say(line);
        }
        snprintf(line, 64, \"%zu\\n\", malloc_usable_size(0));
        say(line);
        return 0;
    }";
    let program = folder.compile("sizes", body);
    let plain = Command::new(&program).output().unwrap();
    let recorded = folder.record(&[], &program);
    assert_eq!(recorded.out, String::from_utf8(plain.stdout).unwrap());
}

#[test]
fn a_process_that_exits_gives_back_the_room_of_its_recording() {
    let folder = Folder::new();
    folder.compile("worker", WORKER);
    let each = "for i in 1 2 3 4 5 6 7 8 9 10; do ./worker; done; du -sk .recording-*";
    let recorded = folder.record(&[], folder.script("run.sh", each));
    let room = recorded.out.split_whitespace().next().unwrap();
    let room: u32 = room.parse().unwrap();
    // The shell and `du` still run, with 2 MiB each.
    assert!(room < 10 << 10, "{room} KiB");
}
