//! The heap that an idle object takes: with malloc's rounding and its header.

use crate::prepare::*;
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};

/// Counts what is allocated, once it is told to: other operations are not slowed by more than a test.
pub struct Counting;

static COUNTS: AtomicBool = AtomicBool::new(false);
static HELD: AtomicUsize = AtomicUsize::new(0);

fn size(block: *mut u8) -> usize {
    unsafe { libc::malloc_usable_size(block.cast()) + 8 }
}

unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let block = unsafe { System.alloc(layout) };
        if COUNTS.load(Relaxed) {
            HELD.fetch_add(size(block), Relaxed);
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if COUNTS.load(Relaxed) {
            HELD.fetch_sub(size(block), Relaxed);
        }
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new: usize) -> *mut u8 {
        let before = if COUNTS.load(Relaxed) { size(block) } else { 0 };
        let block = unsafe { System.realloc(block, layout, new) };
        if COUNTS.load(Relaxed) {
            HELD.fetch_add(size(block), Relaxed);
            HELD.fetch_sub(before, Relaxed);
        }
        block
    }
}

const OBJECTS: usize = 100_000;

fn held<T>(name: &str, make: impl Fn() -> T) {
    let before = HELD.load(Relaxed);
    let mut objects = Vec::with_capacity(OBJECTS); // which holds what of an object is not behind a pointer
    objects.resize_with(OBJECTS, make);
    println!("{name} {:.1}", (HELD.load(Relaxed) - before) as f64 / OBJECTS as f64);
}

pub fn report() {
    COUNTS.store(true, Relaxed);
    for (name, skipped) in [("MemorySession", 0), ("MemorySession40", 40)] {
        let (mut alice, mut bob) = sessions();
        for _ in 0..skipped {
            encrypt_text(&mut alice, b"late");
        }
        let text = encrypt_text(&mut alice, b"early");
        decrypt_text(&mut bob, &text);
        let pickled = save(&bob);
        held(name, || load(&pickled));
    }
    let pickled = save_group(&group().1);
    held("MemoryMegolm", || load_group(&pickled));
}
