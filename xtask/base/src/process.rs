//! Running other programs, and the workspace's own places.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use crate::Result;
use crate::group::Group;

/// The workspace's root directory.
pub fn root() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    let mut folders = package.ancestors();
    let root = folders.find(|folder| folder.join("Cargo.lock").is_file());
    root.unwrap_or(&package).to_owned()
}

/// Where cargo puts what it builds.
pub fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// `program`, to be run in the workspace's root.
pub fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    command
}

/// The cargo that runs us, to be run in the workspace's root.
pub fn cargo(args: &[&str]) -> Command {
    let program = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut command = command(&program);
    command.args(args);
    command
}

/// A program of the nightly toolchain, to be run in the workspace's root.
pub fn nightly(args: &[&str]) -> Command {
    let mut command = command("rustup");
    command.args(["run", "nightly"]).args(args);
    command
}

/// The text of a file.
pub fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

/// The folder `target/NAME`, which is made if it is not there.
pub fn target_folder(name: impl AsRef<Path>) -> Result<PathBuf> {
    let folder = target_dir().join(name);
    let made = fs::create_dir_all(&folder);
    made.map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder)
}

/// The command as one would type it.
pub fn line(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or_default();
    let envs = command.get_envs().filter_map(|(name, value)| {
        Some(format!(
            "{}={:?}",
            name.to_string_lossy(),
            value?.to_string_lossy()
        ))
    });
    let args = command
        .get_args()
        .map(|arg| arg.to_string_lossy().into_owned());
    envs.chain([program.to_string_lossy().into_owned()])
        .chain(args)
        .collect::<Vec<_>>()
        .join(" ")
}

/// Runs the command with our own input and output.
///
/// # Errors
///
/// It could not be started, or did not succeed.
pub fn succeed(command: &mut Command) -> Result {
    let status = command.status();
    let status = status.map_err(|error| cannot_start(command, &error))?;
    judged(command, status)
}

fn judged(command: &Command, status: ExitStatus) -> Result {
    match status.success() {
        true => Ok(()),
        false => Err(format!("`{}` failed ({status})", line(command))),
    }
}

/// As [`succeed`], but asks `goes_on` some times a second, and ends the command with all that it has started when that
/// is an error.
///
/// # Errors
///
/// Those of [`succeed`], and that of `goes_on`.
pub fn succeed_while(command: &mut Command, goes_on: impl Fn() -> Result) -> Result {
    let group = Group::start(command).map_err(|error| cannot_start(command, &error))?;
    let ended = group.wait_while(goes_on);
    let ended = ended.map_err(|error| format!("cannot wait for `{}`: {error}", line(command)))?;
    judged(command, ended?)
}

/// Runs the command and returns its standard output.
///
/// # Errors
///
/// It could not be started, or did not succeed; the message has what it wrote to standard error.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command
        .output()
        .map_err(|error| cannot_start(command, &error))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(format!(
            "`{}` failed ({}):\n{}",
            line(command),
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        )),
    }
}

/// Becomes the command, so that signals and the exit status are its own.
#[cfg(unix)]
pub fn replace_with(mut run: Command) -> Result {
    let error = std::os::unix::process::CommandExt::exec(&mut run);
    Err(cannot_start(&run, &error))
}

#[cfg(not(unix))]
pub fn replace_with(mut run: Command) -> Result {
    succeed(&mut run)
}

/// Whether the command can be started and succeeds; its output is not shown.
pub fn works(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// How a command with a time limit ended.
pub enum Ended {
    /// By itself.
    Exited(ExitStatus),
    /// By us, when its time was over.
    TimedOut,
}

/// Runs the command with its output in the file `log`, and ends it after `limit`.
///
/// # Errors
///
/// It could not be started or watched.
pub fn run_limited(command: &mut Command, log: &Path, limit: Duration) -> Result<Ended> {
    let io_error = |error: io::Error| format!("{}: {error}", log.display());
    let output = File::create(log).map_err(io_error)?;
    let errors = output.try_clone().map_err(io_error)?;
    command.stdout(output).stderr(errors);
    let group = Group::start(command).map_err(|error| cannot_start(command, &error))?;
    let end = Instant::now() + limit;
    let in_time = || (Instant::now() < end).then_some(()).ok_or(());
    Ok(match group.wait_while(in_time).map_err(io_error)? {
        Ok(status) => Ended::Exited(status),
        Err(()) => Ended::TimedOut,
    })
}

/// Runs the command with a time limit: whether it succeeded, and what it said, which stays in a file of that name.
///
/// # Errors
///
/// It could not be started or watched, or did not end in time.
pub fn logged(command: &mut Command, name: &str, limit: Duration) -> Result<(bool, String)> {
    let log = target_dir().join(format!("{name}.log"));
    let ended = run_limited(command, &log, limit)?;
    let said = fs::read(&log).map_err(|error| format!("{}: {error}", log.display()))?;
    let said = String::from_utf8_lossy(&said).into_owned();
    match ended {
        Ended::Exited(status) => Ok((status.success(), said)),
        Ended::TimedOut => Err(format!(
            "{said}`{}` did not end in {} s",
            command.get_program().to_string_lossy(),
            limit.as_secs()
        )),
    }
}

fn cannot_start(command: &Command, error: &io::Error) -> String {
    format!(
        "cannot start `{}`: {error}",
        command.get_program().to_string_lossy()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_the_workspace() {
        assert!(root().join("xtask/Cargo.toml").is_file());
    }

    #[test]
    fn a_line_shows_what_was_set_and_what_is_run() {
        let mut command = Command::new("/usr/bin/cargo");
        command
            .args(["doc", "--no-deps"])
            .env("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(
            line(&command),
            "RUSTDOCFLAGS=\"-D warnings\" cargo doc --no-deps"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_command_ends_when_it_must_not_go_on() {
        let started = Instant::now();
        let mut sleep = Command::new("sleep");
        let ended = succeed_while(sleep.arg("100"), || Err("enough".to_owned()));
        assert_eq!(ended, Err("enough".to_owned()));
        assert!(started.elapsed() < Duration::from_secs(20));
        assert_eq!(succeed_while(&mut Command::new("true"), || Ok(())), Ok(()));
        let failed = succeed_while(&mut Command::new("false"), || Ok(()));
        assert!(failed.unwrap_err().contains("`false` failed"));
    }

    #[cfg(unix)]
    #[test]
    fn a_command_that_hangs_is_ended_with_its_children() {
        let log = std::env::temp_dir().join(format!("xtask-hang-{}", std::process::id()));
        let mut command = Command::new("sh");
        command.args(["-c", "echo started; sleep 100 & wait"]);
        let started = Instant::now();
        let ended = run_limited(&mut command, &log, Duration::from_secs(2));
        assert!(matches!(ended, Ok(Ended::TimedOut)));
        assert!(started.elapsed() < Duration::from_secs(20));
        assert_eq!(std::fs::read_to_string(&log).unwrap(), "started\n");
        std::fs::remove_file(&log).unwrap();
    }
}
