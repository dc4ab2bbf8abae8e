//! Tests of what can go wrong around a recorded program: the error is clear, and the recording is kept.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};

use alloc_trace::Trace;

use crate::support::{Folder, Recorded, count, names};

/// More calls than a new recording's file has room for, so that the file grows.
const MANY: usize = 400_000;

#[test]
fn a_folder_that_is_not_there_is_not_made() {
    let folder = Folder::new();
    let program = folder.compile(
        "touch",
        "int main() { close(creat(\"ran\", 0600)); return 0; }",
    );
    let recorded = folder.record(&["-o", "missing/deep/x.trace"], &program);
    recorded.says(&["cannot write to missing/deep/x.trace", "-o"]);
    assert_eq!(
        recorded.errors.matches("os error").count(),
        1,
        "{}",
        recorded.errors
    );
    assert_eq!(
        (recorded.code, folder.names()),
        (Some(1), vec!["touch".to_owned()])
    );
}

#[test]
fn what_is_no_file_is_not_replaced_by_a_trace() {
    let folder = Folder::new();
    let program = folder.compile("worker", "int main() { work(5000, 77); return 0; }");
    let pipe = Command::new("mkfifo")
        .arg(folder.path("out.trace"))
        .status();
    assert!(pipe.unwrap().success());
    folder
        .record(&[], &program)
        .says(&["out.trace: it is no regular file"]);
    folder
        .record(&["-o", "."], &program)
        .says(&["is a directory"]);
    fs::write(folder.path("x.trace.d"), "precious").unwrap();
    let recorded = folder.record(&["-o", "x.trace"], &program);
    recorded.says(&["x.trace.d is for the traces", "not a folder"]);
    assert_eq!(fs::read(folder.path("x.trace.d")).unwrap(), b"precious");
    fs::write(folder.path("x.rep"), "1\n1\na 0 8\n").unwrap();
    let converted = Command::new(env!("CARGO_BIN_EXE_alloc-trace"))
        .args(["trace", "convert", "x.rep", "-o", "out.trace"])
        .current_dir(folder.path("."))
        .output();
    assert!(!converted.unwrap().status.success());
    assert_eq!(
        folder.names(),
        ["out.trace", "worker", "x.rep", "x.trace.d"]
    );
}

#[test]
fn what_cannot_be_started_is_said_with_its_remedy() {
    let folder = Folder::new();
    fs::write(folder.path("plain"), "no program\n").unwrap();
    fs::write(folder.path("garbage"), "no program\n").unwrap();
    fs::set_permissions(folder.path("garbage"), fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(folder.path("lost"), "#!/no/such/interpreter\n").unwrap();
    fs::set_permissions(folder.path("lost"), fs::Permissions::from_mode(0o755)).unwrap();
    let before = folder.names();
    for (program, remedy) in [
        ("no-such-program-anywhere", "no directory of PATH"),
        ("./no-such-program", "there is no such file"),
        ("./plain", "chmod +x"),
        ("./", "it is a directory"),
        ("./lost", "interpreter"),
    ] {
        let recorded = folder.record(&[], program);
        recorded.says(&["cannot start ", program, remedy]);
        assert_eq!(
            recorded.errors.matches("os error").count(),
            1,
            "{}",
            recorded.errors
        );
        assert_eq!(recorded.code, Some(1));
    }
    folder
        .record(&[], "./garbage")
        .says(&["cannot start ./garbage", "begins with `#!`"]);
    assert_eq!(folder.names(), before, "nothing is left behind");
}

#[test]
fn a_program_that_dies_by_a_signal_is_recorded_to_its_death() {
    let folder = Folder::new();
    let body = "int main() { work(5000, 77); *(volatile int *)8 = 1; return 0; }";
    let recorded = folder.record(&[], folder.compile("crash", body));
    recorded.says(&["signal: 11", "what it did is recorded"]);
    assert_eq!(recorded.code, Some(128 + 11));
    assert_eq!(count(&folder.trace(), 77), 5000);
}

#[test]
fn a_process_that_outlives_the_program_is_recorded_so_far() {
    let folder = Folder::new();
    let body = "int main() {
        int ready[2]; char byte; pipe(ready); work(700, 77);
        if (!fork()) {
            setsid(); close(0); close(1); close(2); alarm(60); work(5000, 78);
            write(ready[1], \"x\", 1); pause();
        }
        read(ready[0], &byte, 1); return 0;
    }";
    let recorded = folder.record(&[], folder.compile("daemon", body));
    recorded.says(&["the process still runs", "1 more process:"]);
    let kept = names(&folder.path("out.trace.d"));
    let trace = Trace::load(folder.path("out.trace.d").join(&kept[0])).unwrap();
    assert_eq!(count(&trace, 78), 5000);
    assert_eq!(count(&folder.trace(), 77), 700);
    let pid = kept[0]
        .trim_start_matches("daemon-")
        .trim_end_matches(".trace");
    // SAFETY: the call takes only numbers; the process is the recorded one.
    unsafe { libc::kill(pid.parse().unwrap(), libc::SIGKILL) };
}

#[test]
fn a_program_that_closes_every_descriptor_and_leaves_its_folder_is_recorded_whole() {
    let folder = Folder::new();
    let body = format!(
        "int main() {{
            for (int file = 0; file < 1024; file++) close(file);
            chdir(\"/\"); hold({MANY}, 77); return 0;
        }}"
    );
    let recorded = folder.record(&[], folder.compile("closer", &body));
    assert_eq!(recorded.code, Some(0), "{}", recorded.errors);
    assert_eq!(count(&folder.trace(), 77), MANY);
}

#[test]
fn where_there_is_no_proc_all_the_same_is_recorded() {
    let folder = Folder::new();
    folder.compile("worker", "int main() { work(5000, 77); return 0; }");
    let body = "#include <sys/mount.h>
    int main() {
        if (unshare(CLONE_NEWNS) || mount(0, \"/\", 0, MS_REC | MS_PRIVATE, 0) || umount2(\"/proc\", MNT_DETACH))
            return 77;
        execl(\"./worker\", \"worker\", (char *)0); return 1;
    }";
    let recorded = folder.record(&[], folder.compile("unproc", body));
    if recorded.code == Some(77) {
        return eprintln!("skipped: this user cannot take /proc away");
    }
    assert_eq!(recorded.code, Some(0), "{}", recorded.errors);
    assert_eq!(count(&folder.trace(), 77), 5000);
    assert_eq!(folder.trace().provenance.program, "worker");
}

/// The system sends a signal at the limit on the size of files, which would end the program.
#[test]
fn a_limit_on_files_ends_the_recording_and_not_the_program() {
    let folder = Folder::new();
    folder.compile(
        "worker",
        &format!("int main() {{ hold({MANY}, 77); say(\"done\"); return 0; }}"),
    );
    // In units of 512 bytes: enough for the beginning of a recording, and no more.
    let limited = folder.script("limited", "ulimit -f 5000\nexec ./worker");
    let recorded = folder.record(&[], limited);
    assert_eq!(
        (recorded.code, recorded.out.as_str()),
        (Some(0), "done"),
        "{}",
        recorded.errors
    );
    recorded.says(&["the recording stopped before the process did: File too large"]);
    let n = count(&folder.trace(), 77);
    assert!((100_000..MANY).contains(&n), "{n}");

    let recorded = folder.record(&[], folder.script("hardly", "ulimit -f 20\nexec ./worker"));
    assert_eq!(recorded.out, "done", "{}", recorded.errors);
    recorded.says(&["a recording without a beginning", "ulimit -f"]);
}

#[test]
fn a_full_disk_ends_the_recording_and_not_the_program() {
    let folder = Folder::new();
    let worker = folder.compile(
        "worker",
        &format!("int main() {{ hold({MANY}, 77); say(\"done\"); return 0; }}"),
    );
    fs::create_dir(folder.path("disk")).unwrap();
    // The disk disappears with the namespace in which it is mounted.
    let mount = "mount -t tmpfs -o size=3m none disk 2> /dev/null || exit 77; exec \"$@\"";
    let mut command = Command::new("unshare");
    command.current_dir(folder.path("."));
    command.args(["--mount", "sh", "-c", mount, "sh"]);
    command.arg(env!("CARGO_BIN_EXE_alloc-trace"));
    command
        .args(["record", "-o", "disk/out.trace", "--"])
        .arg(worker);
    let recorded = match command.output() {
        Ok(output) => Recorded::of(output),
        Err(error) => return eprintln!("skipped: no `unshare` here ({error})"),
    };
    if recorded.out != "done" && recorded.code != Some(0) && !recorded.errors.contains("error:") {
        return eprintln!("skipped: this user cannot mount: {}", recorded.errors);
    }
    assert_eq!(
        (recorded.code, recorded.out.as_str()),
        (Some(0), "done"),
        "{}",
        recorded.errors
    );
    recorded.says(&["the recording stopped before the process did: No space left"]);
}

/// Starts a program that allocates, prints a line, and waits for a signal. Sends the signal to all processes, as
/// the keyboard does, or to the recorder alone. Returns the output.
fn interrupt(folder: &Folder, signal: i32, all: bool) -> Recorded {
    let body = "int main() { work(5000, 77); say(\"ready\\n\"); alarm(60); pause(); return 0; }";
    let mut command = folder.command(&[], folder.compile("waiter", body));
    command
        .process_group(0)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    // A shell that runs the tests in the background may make them ignore signals from the keyboard.
    let by_default = || {
        for signal in [libc::SIGINT, libc::SIGHUP] {
            // SAFETY: the call takes only numbers.
            unsafe { libc::signal(signal, libc::SIG_DFL) };
        }
        Ok(())
    };
    // SAFETY: between `fork` and `exec` the closure only makes system calls.
    unsafe { command.pre_exec(by_default) };
    let mut recorder = command.spawn().unwrap();
    let mut line = String::new();
    let out = recorder.stdout.as_mut().unwrap();
    BufReader::new(out).read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    let pid = recorder.id() as i32;
    let whom = if all { -pid } else { pid };
    // SAFETY: the call takes only numbers; the group is the recorder's own.
    let sent = unsafe { libc::kill(whom, signal) };
    assert_eq!(sent, 0);
    Recorded::of(recorder.wait_with_output().unwrap())
}

#[test]
fn an_interrupt_ends_the_program_and_what_it_did_is_kept() {
    for (signal, all) in [
        (libc::SIGINT, true),
        (libc::SIGTERM, false),
        (libc::SIGHUP, false),
    ] {
        let folder = Folder::new();
        let recorded = interrupt(&folder, signal, all);
        assert_eq!(recorded.code, Some(128 + signal), "{}", recorded.errors);
        recorded.says(&["what it did is recorded"]);
        assert_eq!(count(&folder.trace(), 77), 5000);
        assert_eq!(folder.names(), ["out.trace", "waiter"]);
    }
}
