//! Real programs: what they write on the library is what they write on the C library's `malloc`.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::build::{library, library_of};
use crate::run::{preloaded, text};

/// A program and what it gets to do.
struct Job {
    program: &'static str,
    args: &'static [&'static str],
    input: String,
}

impl Job {
    fn new(program: &'static str, args: &'static [&'static str], input: &str) -> Self {
        let input = input.to_owned();
        Self {
            program,
            args,
            input,
        }
    }

    fn is_there(&self) -> bool {
        // `env` is always there; it runs its first argument.
        let program = match self.program {
            "env" => self.args[0],
            program => program,
        };
        let found = Command::new(program).arg("--version").output().is_ok();
        if !found {
            println!("skipped: there is no `{program}`");
        }
        found
    }

    /// What it writes to stdout.
    fn output(&self, mut command: Command, dir: &Path) -> Vec<u8> {
        let mut child = command
            .args(self.args)
            .current_dir(dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut input = child.stdin.take().expect("a pipe");
        let bytes = self.input.clone();
        let writer = std::thread::spawn(move || input.write_all(bytes.as_bytes()));
        let output = child.wait_with_output().expect("the program ends");
        writer
            .join()
            .expect("no panic")
            .expect("it reads its input");
        let errors = text(&output.stderr);
        assert!(
            output.status.success(),
            "{command:?}: {}\n{errors}",
            output.status
        );
        output.stdout
    }

    /// Runs it both ways, on the default stage.
    fn compare(&self) {
        self.compare_on(&library());
    }

    /// Runs it both ways.
    fn compare_on(&self, library: &Path) {
        if !self.is_there() {
            return;
        }
        let [theirs, ours] = [(); 2].map(|()| tempfile::tempdir().expect("a directory"));
        let expected = self.output(Command::new(self.program), theirs.path());
        assert!(!expected.is_empty(), "{} writes something", self.program);
        let actual = self.output(preloaded(self.program, library), ours.path());
        assert_eq!(text(&actual), text(&expected), "{}", self.program);
    }
}

/// Threads that fill dictionaries, a pool of processes, and text of all lengths.
const PYTHON: &str = r#"
import hashlib, json, random, subprocess, sys, threading
sizes = int(sys.argv[1]) if len(sys.argv) > 1 else 300
results = {}
def work(n):
    rng, store = random.Random(n), {}
    for i in range(sizes * 20):
        store[rng.randrange(sizes)] = "x" * rng.randrange(3000)
    digest = hashlib.sha256(json.dumps(sorted(store.items())).encode())
    results[n] = digest.hexdigest()
threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
[t.start() for t in threads]
[t.join() for t in threads]
print(sorted(results.items()))
print(subprocess.run(["echo", "a child"], capture_output=True).stdout)
print(sum(len(str(7 ** n)) for n in range(sizes)))
"#;

/// The same, each object with a block of its own.
fn python(args: &'static [&'static str]) -> Job {
    Job::new("env", args, PYTHON)
}

fn sql(rows: usize) -> Job {
    let sql = format!(
        "create table t(id integer primary key, name text, n integer);
         with recursive c(i) as (select 1 union all select i + 1 from c where i < {rows})
         insert into t select i, 'name ' || (i * 7919 % 104729), i * i % 1009 from c;
         create index by_name on t(name);
         select n, count(*), min(name), max(name), group_concat(id) from t group by n order by n;
         delete from t where n % 3 = 0;
         select count(*), sum(n) from t where name like 'name 1%';
         update t set name = name || hex(zeroblob(n % 50));
         select sum(length(name)) from t; vacuum; pragma integrity_check;"
    );
    Job::new("sqlite3", &[":memory:"], &sql)
}

fn perl(rounds: usize) -> Job {
    let script = format!(
        "my %words; my $state = 1;
         for my $i (1..{rounds}) {{
             $state = ($state * 1103515245 + 12345) % 2147483648;
             my $key = 'k' . ($state % 5000);
             $words{{$key}} .= 'x' x ($state % 97);
             delete $words{{'k' . ($state % 4999)}} if $state % 3 == 0;
         }}
         print map {{ \"$_ \" . length($words{{$_}}) . \"\\n\" }} sort keys %words;"
    );
    Job::new("perl", &["-"], &script)
}

fn jq(items: usize) -> Job {
    let items: Vec<String> = (0..items)
        .map(|i| {
            format!(
                r#"{{"id":{i},"name":"item {}","tags":["a{}","b"]}}"#,
                i * 31 % 977,
                i % 7
            )
        })
        .collect();
    let filter =
        &["[group_by(.tags[0])[] | {tag: .[0].tags[0], n: length, names: map(.name) | unique}]"];
    Job::new("jq", filter, &format!("[{}]", items.join(",")))
}

/// A C program of many functions, compiled to assembly.
fn compiler(functions: usize) -> Job {
    let source: String = (0..functions)
        .map(|i| {
            format!(
                "static int f{i}(int a, int b) {{ int s = {i}; for (int j = a; j < b; j++) \
                 s += j % {} ? f(s) : j * s; return s; }}\nint g{i}(void) {{ return f{i}({i}, {}); }}\n",
                i + 2,
                i * 3
            )
        })
        .collect();
    let args = &["-O2", "-x", "c", "-S", "-o", "-", "-"];
    Job::new("cc", args, &format!("int f(int);\n{source}"))
}

/// Containers of C++, and what they instantiate.
fn cxx_compiler(types: usize) -> Job {
    let uses: String = (0..types)
        .map(|i| {
            format!(
                "struct t{i} {{ std::map<std::string, std::vector<int>> m; int n[{}]; }};\n\
                 int f{i}(t{i} &t) {{ t.m[\"{i}\"].push_back({i}); return int(t.m.size()) + t.n[0]; }}\n",
                i + 1
            )
        })
        .collect();
    let args = &["-O1", "-x", "c++", "-S", "-o", "-", "-"];
    let source = format!("#include <map>\n#include <string>\n#include <vector>\n{uses}");
    Job::new("c++", args, &source)
}

fn xml(items: usize) -> Job {
    let items: String = (0..items)
        .map(|i| {
            format!(
                "<item id='{i}'><a b='{}'>text {}</a></item>",
                i % 97,
                i * 31 % 977
            )
        })
        .collect();
    let args = &["--format", "--c14n", "-"];
    Job::new("xmllint", args, &format!("<all>{items}</all>"))
}

fn lua(rounds: usize) -> Job {
    let script = format!(
        "local words, state = {{}}, 1
         for i = 1, {rounds} do
             state = (state * 1103515245 + 12345) % 2147483648
             local key = 'k' .. state % 5000
             words[key] = (words[key] or '') .. string.rep('x', state % 97)
             if state % 3 == 0 then words['k' .. state % 4999] = nil end
         end
         local lengths = {{}}
         for key, word in pairs(words) do lengths[#lengths + 1] = key .. ' ' .. #word end
         table.sort(lengths)
         print(table.concat(lengths, '\\n'))"
    );
    Job::new("lua", &["-"], &script)
}

/// Pages of text and curves, drawn in few dots.
fn ghostscript(pages: usize) -> Job {
    let script = format!(
        "1 1 {pages} {{ /n exch def /Times-Roman findfont n 5 add scalefont setfont
         50 300 moveto (page ) show n 10 string cvs show
         1 1 200 {{ newpath dup n mul 500 mod 300 3 -1 roll 50 mod 0 360 arc stroke }} for
         showpage }} for"
    );
    Job::new(
        "gs",
        &["-q", "-sDEVICE=ppmraw", "-r20", "-o", "-", "-"],
        &script,
    )
}

const GIT: &str = "
set -e
unset GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b.c GIT_AUTHOR_DATE='1700000000 +0000'
export GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b.c GIT_COMMITTER_DATE='1700000000 +0000'
git init -q .
git symbolic-ref HEAD refs/heads/main
for i in 1 2 3 4 5 6 7 8; do
    seq $i 3000 > file$i; seq 1 $i > small; git add .; git commit -q -m \"commit $i\"
done
git gc -q
git log --stat --format='%H %s'
git diff HEAD~3
git blame -s small
git fsck --strict
";

/// What every stage has to run, however it searches.
pub(crate) fn small_jobs(library: &Path) {
    python(&["python3", "-", "20"]).compare_on(library);
    sql(200).compare_on(library);
    perl(1_000).compare_on(library);
}

#[test]
fn ls() {
    Job::new(
        "ls",
        &["-la", "--time-style=full-iso", "/usr/bin", "/etc"],
        "",
    )
    .compare();
}

#[test]
fn python_threads() {
    python(&["python3", "-"]).compare();
}

#[test]
fn python_with_a_block_for_each_object() {
    python(&["PYTHONMALLOC=malloc", "python3", "-", "200"]).compare();
}

#[test]
fn sqlite() {
    sql(5_000).compare();
}

#[test]
fn perl_hashes() {
    perl(50_000).compare();
}

#[test]
fn git() {
    if Command::new("git").arg("--version").output().is_err() {
        println!("skipped: there is no `git`");
        return;
    }
    Job::new("sh", &["-s"], GIT).compare();
}

#[test]
fn jq_groups() {
    jq(2_000).compare();
}

#[test]
fn c_compiler() {
    compiler(60).compare();
}

#[test]
fn cxx_containers() {
    cxx_compiler(10).compare();
}

#[test]
fn xmllint_formats() {
    xml(5_000).compare();
}

#[test]
fn lua_tables() {
    lua(50_000).compare();
}

#[test]
fn ghostscript_pages() {
    ghostscript(3).compare();
}

/// The fifth stage is the first that a machine could run on as a whole.
#[test]
fn on_mmap_backed() {
    let library = library_of("mmap-backed");
    let jobs = [
        python(&["PYTHONMALLOC=malloc", "python3", "-", "50"]),
        jq(500),
        compiler(10),
        cxx_compiler(2),
        xml(1_000),
        lua(5_000),
        ghostscript(1),
    ];
    jobs.iter().for_each(|job| job.compare_on(&library));
}

#[test]
#[ignore = "long"]
fn long_jobs() {
    python(&["PYTHONMALLOC=malloc", "python3", "-", "2000"]).compare();
    sql(200_000).compare();
    perl(3_000_000).compare();
    jq(100_000).compare();
    compiler(1_500).compare();
    cxx_compiler(300).compare();
    xml(500_000).compare();
    lua(3_000_000).compare();
    ghostscript(100).compare();
}
