//! What all pictures are made of: shapes, text, patterns, colours.

use std::fmt::{self, Write};

/// What a shape stands for: its colours and its pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Used,
    Free,
    Header,
    Metadata,
    Padding,
    Lost,
    /// A plain box.
    Plain,
    /// A box that the text speaks of.
    Marked,
}

impl Kind {
    pub(crate) const fn class(self) -> &'static str {
        match self {
            Self::Used => "used",
            Self::Free => "free",
            Self::Header => "header",
            Self::Metadata => "meta",
            Self::Padding => "pad",
            Self::Lost => "lost",
            Self::Plain => "plain",
            Self::Marked => "marked",
        }
    }

    /// Whether the shape has a pattern above its colour.
    const fn is_patterned(self) -> bool {
        !matches!(self, Self::Used | Self::Plain | Self::Marked)
    }
}

/// A part of a picture, from its upper left corner on.
#[derive(Clone, Debug, Default)]
pub struct Picture {
    /// SVG elements.
    pub body: String,
    /// The height in pixels.
    pub height: u32,
    /// The number of the figure on its page, for the names of its patterns.
    pub figure: u32,
}

/// Where a text's anchor is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Anchor {
    Start,
    Middle,
}

/// Pixels of a character of the labels, which are in a font of fixed width.
pub(crate) const CHARACTER: f64 = 7.0;

impl Picture {
    pub(crate) fn new(figure: u32) -> Self {
        let body = String::new();
        Self {
            body,
            height: 0,
            figure,
        }
    }

    pub(crate) fn add(&mut self, part: fmt::Arguments<'_>) {
        self.body
            .write_fmt(part)
            .expect("a string takes everything");
    }

    pub(crate) fn rect(&mut self, kind: Kind, x: f64, y: f64, width: f64, height: f64) {
        let (class, figure) = (kind.class(), self.figure);
        self.add(format_args!(
            r#"<rect class="{class}" x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}"/>"#
        ));
        if kind.is_patterned() {
            self.add(format_args!(
                r#"<rect class="over" x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}" fill="url(#p{figure}-{class})"/>"#
            ));
        }
    }

    pub(crate) fn text(&mut self, class: &str, anchor: Anchor, x: f64, y: f64, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
        };
        let text = escaped(text);
        self.add(format_args!(
            r#"<text class="{class}" x="{x:.1}" y="{y:.1}" text-anchor="{anchor}">{text}</text>"#
        ));
    }

    /// Draws a thick line around a box, to mark it.
    pub(crate) fn outline(&mut self, x: f64, y: f64, width: f64, height: f64) {
        self.add(format_args!(
            r#"<rect class="mark" x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}"/>"#
        ));
    }

    pub(crate) fn arrow(&mut self, from: (f64, f64), to: (f64, f64)) {
        let figure = self.figure;
        self.add(format_args!(
            r#"<path class="arrow" marker-end="url(#p{figure}-tip)" d="M{:.1} {:.1}L{:.1} {:.1}"/>"#,
            from.0, from.1, to.0, to.1
        ));
    }
}

pub(crate) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

/// The patterns of figure `figure`: dots, hatching, a grid, crosses and waves.
pub(crate) fn patterns(figure: u32) -> String {
    let pattern = |name: &str, size: u32, shape: &str| {
        format!(
            r#"<pattern id="p{figure}-{name}" width="{size}" height="{size}" patternUnits="userSpaceOnUse">{shape}</pattern>"#
        )
    };
    let tip = format!(
        r#"<marker id="p{figure}-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="tip" d="M0 0L8 4L0 8z"/></marker>"#
    );
    [
        "<defs>".to_owned(),
        pattern(
            "header",
            4,
            r#"<circle class="ink" cx="2" cy="2" r="1.1"/>"#,
        ),
        pattern(
            "free",
            8,
            r#"<path class="line" d="M-2 2L2 -2M0 8L8 0M6 10L10 6"/>"#,
        ),
        pattern("meta", 6, r#"<path class="line" d="M0 3H6M3 0V6"/>"#),
        pattern("pad", 6, r#"<path class="line" d="M1 1L5 5M5 1L1 5"/>"#),
        pattern("lost", 8, r#"<path class="line" d="M0 4Q2 1 4 4T8 4"/>"#),
        tip,
        "</defs>".to_owned(),
    ]
    .concat()
}

/// The style of a file that is shown as an image. A page has its own, `docs/heap-lab/page/heap-lab.css`, with the same
/// classes.
const STYLE: &str = "text{font:12px ui-monospace,'DejaVu Sans Mono',monospace;fill:#1a1a1a}.small{font-size:11px;fill:#444}\
    .title{font-weight:bold}rect{stroke:#1a1a1a;stroke-width:1}.over{stroke:none}.used{fill:#a9d6f5}.free{fill:#fff}\
    .header{fill:#f6d99a}.meta{fill:#e4e4e4}.pad{fill:#f7d3c0}.lost{fill:#ecd3e4}.plain{fill:#fff}.marked{fill:#f6d99a}.paper{fill:#fff;stroke:none}\
    .line{fill:none;stroke:#007a59;stroke-width:1}.ink{fill:#7a4b00}.halo{paint-order:stroke;stroke:#fff;stroke-width:4px}\
    .arrow{fill:none;stroke:#1a1a1a;stroke-width:1.2}.tip{fill:#1a1a1a}.mark{fill:none;stroke:#b5410a;stroke-width:2}";

/// Returns a whole SVG file of parts one below the other, each with a title; `name` says what it shows.
pub fn document(name: &str, width: u32, parts: &[(String, Picture)]) -> String {
    const TITLE: u32 = 20;
    const MARGIN: u32 = 8;
    let mut body = String::new();
    let mut y = MARGIN;
    for (title, part) in parts {
        if !title.is_empty() {
            let baseline = y + 13;
            let title = escaped(title);
            let _ = write!(
                body,
                r#"<text class="title" x="{MARGIN}" y="{baseline}">{title}</text>"#
            );
            y += TITLE;
        }
        let _ = write!(
            body,
            r#"<g transform="translate({MARGIN} {y})">{}</g>"#,
            part.body
        );
        body.push('\n');
        y += part.height + MARGIN;
    }
    let (width, name) = (width + 2 * MARGIN, escaped(name));
    let figure = parts.first().map_or(0, |(_, part)| part.figure);
    let patterns = patterns(figure);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {y}\" width=\"{width}\" height=\"{y}\" role=\"img\" \
         aria-label=\"{name}\">\n<style>{STYLE}</style>\n{patterns}\n<rect class=\"paper\" width=\"{width}\" height=\"{y}\"/>\n{body}</svg>\n"
    )
}
