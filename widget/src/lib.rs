#![doc = include_str!("../README.md")]

mod js_object;
mod pow_solver;
#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod readme;
mod renderer;
#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod scripts;
mod text_length;
mod thread_decoder;

pub use crate::pow_solver::PowSolver;
pub use crate::renderer::Renderer;

/// A free-list allocator takes 2 KB of brotli less than the standard library's. The widget's allocations are small and short-lived.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: lol_alloc::LockedAllocator<lol_alloc::FreeListAllocator> =
    lol_alloc::LockedAllocator::new(lol_alloc::FreeListAllocator::new());
