//! Turns `grammar.lalrpop` into the parser's tables.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=src/grammar.lalrpop");
    lalrpop::process_src()
}
