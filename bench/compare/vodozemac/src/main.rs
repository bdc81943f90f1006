//! The peer of vodozemac in the comparison: see ../README.md for what a peer is asked.
//!
//!     cargo build --release && target/release/vodozemac-peer list

mod growth;
mod memory;
mod operations;
mod prepare;
mod sample;

use std::io::{BufRead, Write};

#[global_allocator]
static HEAP: memory::Counting = memory::Counting;

fn main() {
    let mut all = operations::all();
    all.extend(growth::all());
    match std::env::args().nth(1).as_deref() {
        Some("list") => all.iter().for_each(|o| println!("{}", o.name)),
        Some("memory") => memory::report(),
        Some("version") => println!("vodozemac 0.11.1, release{}", if cfg!(target_feature = "avx2") { ", target-cpu=native" } else { "" }),
        Some("serve") => {
            let mut last = String::new();
            for name in std::io::stdin().lock().lines() {
                let name = name.unwrap();
                if name != last {
                    all.iter_mut().filter(|o| o.name == last).for_each(sample::Operation::leave);
                }
                match all.iter_mut().find(|o| o.name == name) {
                    Some(o) => println!("{:.2}", o.sample()),
                    None => println!("error: there is no operation {name:?}"),
                }
                std::io::stdout().flush().unwrap();
                last = name;
            }
        }
        _ => {
            eprintln!("usage: list | memory | version | serve");
            std::process::exit(1);
        }
    }
}
