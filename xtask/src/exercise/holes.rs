//! The holes: which functions of a stage the reader writes, and how they are cut out of the sources.

use crate::Result;
use crate::lexer::{Kind, only};
use crate::tree::Tree;

/// A phase's stage, with holes.
#[derive(Debug)]
pub(super) struct Exercise {
    pub(super) phase: u8,
    /// The directory in `crates`.
    pub(super) package: &'static str,
    pub(super) about: &'static str,
    pub(super) holes: &'static [Hole],
    /// Files of other packages that its tests read, by their directory in `crates`.
    pub(super) beside: &'static [&'static str],
}

/// A function whose body the reader writes.
#[derive(Debug)]
pub(super) struct Hole {
    /// The file under the package's `src`.
    pub(super) file: &'static str,
    /// The function's name.
    pub(super) name: &'static str,
    /// What its head is found behind, if the file has several functions of that name.
    behind: &'static str,
    pub(super) task: &'static str,
}

pub(super) const EXERCISES: &[Exercise] = &[
    Exercise {
        phase: 1,
        package: "bump",
        about: "a pointer that moves",
        beside: &[],
        holes: &[
            hole(
                "bump.rs",
                "advance",
                "Find where the block for the layout ends, test that as much remains without an overflow, and \
                 move the cursor there. `next_cursor` and `granules` help.",
            ),
            hole(
                "bump.rs",
                "deallocate",
                "If the block is the last one, move the cursor back to its start. `is_last` helps.",
            ),
        ],
    },
    Exercise {
        phase: 2,
        package: "freelist",
        about: "a list of free blocks, threaded through them",
        beside: &[],
        holes: &[
            hole(
                "free_list.rs",
                "push",
                "Write the header of a free block and the link to the present head; then make the block the \
                 head.",
            ),
            hole(
                "free_list.rs",
                "take",
                "Follow the links from the head. Take the first block that is large enough and whose payload \
                 is aligned: unlink it, and mark it used. `NONE` ends the list.",
            ),
        ],
    },
    Exercise {
        phase: 3,
        package: "fit-strategies",
        about: "which hole to take, and how much of it",
        beside: &[],
        holes: &[
            Hole {
                file: "fit.rs",
                name: "choose",
                behind: "impl Fit for BestFit",
                task: "Take the smallest candidate that fits, the first of several. Stop at an exact fit.",
            },
            hole(
                "taking.rs",
                "carve",
                "Make a used block of `size` bytes, and a free one of the rest behind `link`. If the rest is \
                 below the split threshold, the block keeps it. Return the block's size.",
            ),
        ],
    },
    Exercise {
        phase: 4,
        package: "coalescing",
        about: "neighbours that merge as they are freed",
        beside: &[],
        holes: &[hole(
            "giving.rs",
            "release",
            "Merge the freed granules with the block in front, if the header says that it is free, and with \
             the block behind: it is used, the top, or free. Blocks that are in a list leave it. `give` \
             lists the result.",
        )],
    },
    Exercise {
        phase: 5,
        package: "mmap-backed",
        about: "pages that come from the system and go back",
        beside: &[],
        holes: &[
            hole(
                "direct.rs",
                "map_aligned",
                "Map enough for the worst address, and give both ends back. Up to a page every mapping is \
                 aligned already.",
            ),
            hole(
                "retention.rs",
                "wanted",
                "If a mapping as large was given back just now, keep blocks of this size in the heap from now \
                 on; never those of `MOST_DIRECT` or more.",
            ),
        ],
    },
    Exercise {
        phase: 6,
        package: "thread-cached",
        about: "a fast path without a lock",
        beside: &["mmap-backed/tests/support/"],
        holes: &[
            hole(
                "heap/owned.rs",
                "pop",
                "Take the first block of the class's list. The link in it is the new first block, and the \
                 list has room for one more: `STEP`.",
            ),
            hole(
                "front/fast.rs",
                "push",
                "Make the block the first of its class's list. A free takes `FREE_TAKES` of the room; when \
                 none is left, `slow::full` looks after the list. A block that is the first already was \
                 freed twice: `slow::free` ends the process.",
            ),
        ],
    },
];

const fn hole(file: &'static str, name: &'static str, task: &'static str) -> Hole {
    Hole {
        file,
        name,
        behind: "",
        task,
    }
}

impl Exercise {
    /// A line of the list.
    pub(super) fn summary(&self) -> String {
        let holes: Vec<&str> = self.holes.iter().map(|hole| hole.name).collect();
        let holes = holes.join(", ");
        format!(
            "{}  {:<16}{}: {holes}",
            self.phase, self.package, self.about
        )
    }

    /// The command that tests it. The stage's other test programs need more than the holes.
    pub(super) fn test_line(&self) -> String {
        format!("cargo test {}", self.test_args().join(" "))
    }

    /// Which tests. One of thread-cached's waits for ever if a thread of it has panicked.
    pub(super) fn test_args(&self) -> Vec<&'static str> {
        let mut args = vec!["--lib", "--test", "it"];
        if self.package == "thread-cached" {
            args.extend(["--", "--skip", "each_thread_counts_little"]);
        }
        args
    }

    /// The text of a file with every hole of it cut out.
    ///
    /// # Errors
    ///
    /// A function is not found exactly once.
    pub(super) fn with_holes(&self, file: &str, text: &str) -> Result<String> {
        let holes = self.holes.iter().filter(|hole| hole.path(self) == file);
        holes.into_iter().try_fold(text.to_owned(), |text, hole| {
            hole.cut(&text).map_err(|error| format!("{file}: {error}"))
        })
    }

    /// Its files as the sources have them, seen from its directory.
    pub(super) fn files<'a>(&'a self, tree: &'a Tree) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        let package = format!("{}/", self.package);
        let files = tree.files();
        let files = files.filter_map(|(path, bytes)| Some((path.strip_prefix("crates/")?, bytes)));
        files.filter(move |(path, _)| {
            path.starts_with(&package) || self.beside.iter().any(|dir| path.starts_with(dir))
        })
    }
}

impl Hole {
    /// The file, seen from the exercise's directory.
    pub(super) fn path(&self, exercise: &Exercise) -> String {
        format!("{}/src/{}", exercise.package, self.file)
    }

    /// Puts a panic that says what to do in the place of the function's body.
    fn cut(&self, text: &str) -> Result<String> {
        // By characters, since what is blanked keeps its columns and not its bytes.
        let code: Vec<char> = only(Kind::Code, text).chars().collect();
        let body = self.body(&code)?;
        let text: Vec<char> = text.chars().collect();
        let indent = text[..body.start].iter().rev().skip(1);
        let line: String = indent.take_while(|c| **c != '\n').collect();
        let head: String = line.chars().rev().collect();
        let indent = " ".repeat(head.len() - head.trim_start().len());
        let task = self.task.replace('"', "\\\"");
        let filler = format!("\n{indent}    unimplemented!(\"{task}\")\n{indent}");
        let before: String = text[..body.start].iter().collect();
        let after: String = text[body.end..].iter().collect();
        Ok(before + &filler + &after)
    }

    /// What lies between the braces of the function.
    fn body(&self, code: &[char]) -> Result<std::ops::Range<usize>> {
        let text: String = code.iter().collect();
        let (skipped, searched) = match text.split_once(self.behind) {
            Some((before, after)) => (before.chars().count() + self.behind.len(), after),
            None => return Err(format!("`{}` is not found", self.behind)),
        };
        let heads = [format!("fn {}(", self.name), format!("fn {}<", self.name)];
        let at = heads.iter().find_map(|head| searched.find(head));
        let at = at.ok_or_else(|| format!("there is no `fn {}`", self.name))?;
        let is_ambiguous = self.behind.is_empty()
            && heads
                .iter()
                .map(|head| searched.matches(head).count())
                .sum::<usize>()
                > 1;
        if is_ambiguous {
            return Err(format!("there are several `fn {}`", self.name));
        }
        let start = skipped + searched[..at].chars().count();
        let mut depth = 0;
        let mut open = None;
        for (index, c) in code.iter().enumerate().skip(start) {
            match (c, open) {
                ('{', None) => (open, depth) = (Some(index + 1), 1),
                ('{', Some(_)) => depth += 1,
                ('}', Some(open)) if depth == 1 => return Ok(open..index),
                ('}', Some(_)) => depth -= 1,
                _ => {}
            }
        }
        Err(format!("`fn {}` has no end", self.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::root;

    #[test]
    fn every_hole_is_a_function_of_the_sources_and_the_rest_stays_as_it_is() {
        let tree = Tree::read(&root()).unwrap();
        for exercise in EXERCISES {
            for hole in exercise.holes {
                let path = format!("crates/{}", hole.path(exercise));
                let text = tree.text(&path).unwrap_or_else(|| panic!("no {path}"));
                let cut = hole.cut(text).unwrap();
                assert!(
                    cut.contains(&format!("unimplemented!(\"{}", hole.task)),
                    "{path}"
                );
                let common = cut
                    .lines()
                    .filter(|line| !line.contains("unimplemented!"))
                    .all(|line| text.lines().any(|other| other == line));
                assert!(common && cut.len() < text.len() + 300, "{path}");
            }
        }
    }

    #[test]
    fn braces_in_comments_and_literals_are_no_braces() {
        let hole = hole("x.rs", "f", "Do it.");
        let text = "/// { fn f(\nfn f(a: char) -> char {\n    // }\n    if a == '}' { \"{\" }\n    a\n}\nfn g() {}\n";
        let cut = hole.cut(text).unwrap();
        assert_eq!(
            cut,
            "/// { fn f(\nfn f(a: char) -> char {\n    unimplemented!(\"Do it.\")\n}\nfn g() {}\n"
        );
        assert!(hole.cut("fn h() {}").is_err());
        assert!(hole.cut("fn f() {} fn f() {}").is_err());
    }
}
