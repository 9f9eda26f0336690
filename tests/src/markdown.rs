//! Markdown to its fenced blocks, each with its heading and the line it stands on.
//! What the blocks mean is left to `run`.

/// A fenced block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// What stands behind the opening fence, word by word: `ordain`, `wrong`, `E0303`.
    pub info: Vec<String>,
    pub text: String,
    /// The line of its first line of text, from 1.
    pub line: usize,
    /// The nearest heading above it, without its marks.
    pub heading: String,
}

impl Block {
    pub fn kind(&self) -> &str {
        self.info.first().map_or("", String::as_str)
    }

    pub fn is(&self, kind: &str, second: &str) -> bool {
        self.kind() == kind && self.info.get(1).is_some_and(|word| word == second)
    }
}

/// All fenced blocks in order. A fence of four marks may hold one of three. An open fence ends with the text.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut blocks = vec![];
    let mut heading = String::new();
    let mut lines = text.lines().enumerate();
    while let Some((at, line)) = lines.next() {
        let marks = line.len() - line.trim_start_matches('`').len();
        if marks < 3 {
            if line.starts_with('#') {
                heading = line.trim_start_matches('#').trim().to_string();
            }
            continue;
        }
        let info = line[marks..].split_whitespace().map(str::to_string).collect();
        let fence = &line[..marks];
        let body: Vec<&str> =
            lines.by_ref().map(|(_, line)| line).take_while(|line| line.trim_end() != fence).collect();
        let text = body.iter().flat_map(|line| [line, "\n"]).collect();
        blocks.push(Block { info, text, line: at + 2, heading: heading.clone() });
    }
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_know_their_heading_and_line() {
        let found = blocks("# A\n\n```ordain wrong E0301\nx\ny\n```\n## B\n````text\n```\n````\n```ordain\n");
        let said: Vec<_> =
            found.iter().map(|block| (block.info.join(" "), &*block.text, block.line, &*block.heading)).collect();
        let wanted = [
            ("ordain wrong E0301".to_string(), "x\ny\n", 4, "A"),
            ("text".to_string(), "```\n", 9, "B"),
            ("ordain".to_string(), "", 12, "B"),
        ];
        assert_eq!(said, wanted);
        assert!(found[0].is("ordain", "wrong"));
    }
}
