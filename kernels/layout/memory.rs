//! The allocator: freed blocks are kept in lists by size, and what is new comes from the end of the memory.
//!
//! A layout makes and drops many small lists, of few sizes: what one drops the next one takes, in this layout and in
//! those after it. Blocks are never joined or given back; whoever calls starts a new memory after something vast.

use std::alloc::{GlobalAlloc, Layout};
use std::ptr::null_mut;

/// Blocks have sizes of 16, 32, 64 ... bytes: a block of the class `k` has 16 << k.
const CLASSES: usize = 28;
const PAGE: usize = 65536;

struct Memory;

#[global_allocator]
static MEMORY: Memory = Memory;

/// The first free block of each class; each holds the address of the next.
static mut FREE: [usize; CLASSES] = [0; CLASSES];
/// What was never used: from here, to here.
static mut REST: (usize, usize) = (0, 0);

fn class(layout: &Layout) -> usize {
    let size = layout.size().max(layout.align()).max(16);
    (usize::BITS - (size - 1).leading_zeros()) as usize - 4
}

unsafe impl GlobalAlloc for Memory {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let k = class(&layout);
        let free = FREE[k];
        if free != 0 {
            FREE[k] = *(free as *const usize);
            return free as *mut u8;
        }
        let size = 16 << k;
        if REST.1 - REST.0 < size {
            let pages = (size + PAGE - 1) / PAGE;
            let before = core::arch::wasm32::memory_grow(0, pages.max(16));
            if before == usize::MAX {
                return null_mut();
            }
            if before * PAGE != REST.1 {
                REST.0 = before * PAGE;
            }
            REST.1 = (before + pages.max(16)) * PAGE;
        }
        let at = REST.0;
        REST.0 += size;
        at as *mut u8
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        let k = class(&layout);
        *(at as *mut usize) = FREE[k];
        FREE[k] = at as usize;
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let other = Layout::from_size_align_unchecked(size, layout.align());
        if class(&other) == class(&layout) {
            return at;
        }
        let made = self.alloc(other);
        if !made.is_null() {
            std::ptr::copy_nonoverlapping(at, made, layout.size().min(size));
            self.dealloc(at, layout);
        }
        made
    }
}
