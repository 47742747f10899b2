//! The global allocator: freed blocks are kept in lists by size, and new blocks come from the end of the memory.
//!
//! A layout allocates and drops many small lists of few sizes: each dropped block serves the next allocation of its
//! size, in this layout and in later ones. Blocks are never merged or returned; the caller starts a new instance after
//! a very large layout.

use std::alloc::{GlobalAlloc, Layout};
use std::ptr::null_mut;

/// The number of block sizes: 16, 32, 64 ... bytes. A block of the class `k` has `16 << k` bytes.
const CLASSES: usize = 28;
/// The size of a WebAssembly page in bytes.
const PAGE: usize = 65536;

/// The global allocator.
struct Allocator;

#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

/// The address of the first free block of each class; each free block contains the address of the next.
static mut FREE_LISTS: [usize; CLASSES] = [0; CLASSES];
/// The start and the end of the memory that was never used.
static mut UNUSED: (usize, usize) = (0, 0);

/// Returns the class of the smallest block that suffices.
fn size_class(layout: &Layout) -> usize {
    let size = layout.size().max(layout.align()).max(16);
    (usize::BITS - (size - 1).leading_zeros()) as usize - 4
}

unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let class = size_class(&layout);
        let block = FREE_LISTS[class];
        if block != 0 {
            FREE_LISTS[class] = *(block as *const usize);
            return block as *mut u8;
        }
        let size = 16 << class;
        if UNUSED.1 - UNUSED.0 < size {
            let pages = (size + PAGE - 1) / PAGE;
            let previous_pages = core::arch::wasm32::memory_grow(0, pages.max(16));
            if previous_pages == usize::MAX {
                return null_mut();
            }
            if previous_pages * PAGE != UNUSED.1 {
                UNUSED.0 = previous_pages * PAGE;
            }
            UNUSED.1 = (previous_pages + pages.max(16)) * PAGE;
        }
        let address = UNUSED.0;
        UNUSED.0 += size;
        address as *mut u8
    }

    unsafe fn dealloc(&self, address: *mut u8, layout: Layout) {
        let class = size_class(&layout);
        *(address as *mut usize) = FREE_LISTS[class];
        FREE_LISTS[class] = address as usize;
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        let new_layout = Layout::from_size_align_unchecked(new_size, layout.align());
        if size_class(&new_layout) == size_class(&layout) {
            return block;
        }
        let new_block = self.alloc(new_layout);
        if !new_block.is_null() {
            std::ptr::copy_nonoverlapping(block, new_block, layout.size().min(new_size));
            self.dealloc(block, layout);
        }
        new_block
    }
}
