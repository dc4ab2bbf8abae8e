//! A command and all that it starts, which end together.
//!
//! On Unix a shell leads a process group of its own, and the command joins it. The shell waits for a line from us; if its pipe
//! ends without one, it kills the group. The pipe ends when we give up on the command, and also when we are ended ourselves,
//! by Ctrl-C or by a signal that no program can handle.

use std::io::{self, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

const GUARD: &str = "read -r _ || kill -9 0";

/// A command that runs. A drop before its end kills it and all that it has started.
pub struct Group {
    child: Child,
    guard: Option<Child>,
}

impl Group {
    /// Starts the command. It gets no input: outside the terminal's group it may not read.
    pub fn start(command: &mut Command) -> io::Result<Self> {
        let mut guard = Command::new("sh");
        guard.args(["-c", GUARD]).stdin(Stdio::piped());
        guard.stdout(Stdio::null()).stderr(Stdio::null());
        // It comes first, so that the command is never without it. Where there is no shell, or no groups, the command alone is
        // ended.
        let mut guard = match cfg!(unix) {
            true => in_group(&mut guard, 0).spawn().ok(),
            false => None,
        };
        let leader = guard.as_ref().map_or(0, Child::id);
        match in_group(command.stdin(Stdio::null()), leader).spawn() {
            Ok(child) => Ok(Self { child, guard }),
            Err(error) => {
                // It ends with its pipe, and leaves no zombie.
                let _ = guard.as_mut().map(Child::wait);
                Err(error)
            }
        }
    }

    /// How the command ended, if it did. What it has left behind runs on.
    pub fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        let status = self.child.try_wait()?;
        if status.is_some() {
            self.dismiss_guard();
        }
        Ok(status)
    }

    /// Waits for the end of the command. What it has left behind runs on.
    pub fn wait(mut self) -> io::Result<ExitStatus> {
        let status = self.child.wait()?;
        self.dismiss_guard();
        Ok(status)
    }

    /// As [`wait`](Self::wait). Some times a second it asks `goes_on`, and kills the group when that is an error.
    pub fn wait_while<E>(
        mut self,
        goes_on: impl Fn() -> Result<(), E>,
    ) -> io::Result<Result<ExitStatus, E>> {
        loop {
            if let Some(status) = self.ended()? {
                return Ok(Ok(status));
            }
            if let Err(why) = goes_on() {
                return Ok(Err(why));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn dismiss_guard(&mut self) {
        if let Some(mut guard) = self.guard.take() {
            let line = guard.stdin.take().map(|mut pipe| pipe.write_all(b"\n"));
            // It may have been killed with the group.
            let _ = (line, guard.wait());
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(mut guard) = self.guard.take() {
            // This closes the pipe first.
            let _ = guard.wait();
        }
        // Either may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The command will be in the group that `leader` leads; 0 stands for the command itself.
fn in_group(command: &mut Command, leader: u32) -> &mut Command {
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(command, leader.cast_signed());
    #[cfg(not(unix))]
    let _ = leader;
    command
}

#[cfg(all(test, unix))]
mod tests {
    use std::path::{Path, PathBuf};
    use std::time::Instant;
    use std::{env, fs};

    use super::*;

    /// Names the file in which a command that was started says the number of its child.
    const CHILD: &str = "XTASK_TEST_CHILD";

    /// A command whose child would outlive it.
    fn parent(file: &Path) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 1000 & echo $! > \"$1\"; wait", "sh"]);
        command.arg(file);
        command
    }

    fn file(name: &str) -> PathBuf {
        let file = env::temp_dir().join(format!("xtask-group-{name}-{}", std::process::id()));
        let _ = fs::remove_file(&file);
        file
    }

    /// Asks `found` until it says something.
    fn await_some<T>(what: &str, found: impl Fn() -> Option<T>) -> T {
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(60) {
            if let Some(found) = found() {
                return found;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("waited in vain for {what}");
    }

    fn child_in(file: &Path) -> String {
        await_some("the child", || {
            let text = fs::read_to_string(file).ok()?;
            text.ends_with('\n').then(|| text.trim().to_owned())
        })
    }

    fn runs(process: &str) -> bool {
        let mut kill = Command::new("kill");
        let kill = kill.args(["-0", process]).stderr(Stdio::null());
        // It has ended even if nobody has asked how: not every system's first process does so soon.
        let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        kill.status().unwrap().success() && !stat.contains(") Z ")
    }

    fn await_end_of(process: &str) {
        await_some("its end", || (!runs(process)).then_some(()));
    }

    #[test]
    fn a_group_that_is_given_up_ends_with_what_it_started() {
        let file = file("dropped");
        let group = Group::start(&mut parent(&file)).unwrap();
        let child = child_in(&file);
        assert!(runs(&child));
        drop(group);
        await_end_of(&child);
        fs::remove_file(&file).unwrap();
    }

    #[test]
    fn a_command_that_ends_leaves_what_it_started() {
        let file = file("ended");
        let mut command = Command::new("sh");
        command.args(["-c", "sleep 1000 & echo $! > \"$1\"", "sh"]);
        let group = Group::start(command.arg(&file)).unwrap();
        assert!(group.wait().unwrap().success());
        let child = child_in(&file);
        assert!(runs(&child));
        Command::new("kill").args(["-9", &child]).status().unwrap();
        fs::remove_file(&file).unwrap();
    }

    /// Does nothing in a run of the tests. The next test starts it in a process of its own.
    #[test]
    fn process_with_a_group() {
        let Some(file) = env::var_os(CHILD) else {
            return;
        };
        let group = Group::start(&mut parent(Path::new(&file))).unwrap();
        group.wait().unwrap();
    }

    #[test]
    fn a_group_ends_with_the_process_that_started_it_whatever_ends_that() {
        // Where a shell runs us in the background, Ctrl-C is ignored, and by what we start, too.
        for signal in ["-TERM", "-KILL"] {
            let file = file(signal);
            let mut ours = Command::new(env::current_exe().unwrap());
            ours.args(["--exact", "group::tests::process_with_a_group"]);
            ours.env(CHILD, &file).stdout(Stdio::null());
            let mut ours = ours.spawn().unwrap();
            let child = child_in(&file);
            let killed = Command::new("kill")
                .args([signal, &ours.id().to_string()])
                .status();
            assert!(killed.unwrap().success());
            ours.wait().unwrap();
            await_end_of(&child);
            fs::remove_file(&file).unwrap();
        }
    }
}
