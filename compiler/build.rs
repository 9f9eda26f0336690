//! Turns `grammar.lalrpop` into the parser's tables.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=src/grammar.lalrpop");
    lalrpop::Configuration::new().use_cargo_dir_conventions().process_file("src/grammar.lalrpop")?;
    Ok(())
}
