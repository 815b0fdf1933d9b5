//! The proof of work: puzzles that take a browser a moment to solve, and that the Worker verifies quickly.
//!
//! A challenge is [`CHALLENGE_BYTES`] bytes that end in a MAC of the Worker (`guard` issues and verifies challenges). A
//! solver needs three of its fields: the number of puzzles, the bits of each puzzle, and the MAC, which nobody can
//! predict and with which the input of every puzzle begins. Puzzle `i` is solved by any number `n` for which SHA-256
//! over MAC, `i` and `n` (32-bit integers, big-endian) begins with the given number of zero bits. Many small puzzles
//! take about the same time for everybody. One large puzzle would take some readers four times as long as others.
//!
//! A proof is the challenge followed by the solutions, all in lower-case hexadecimal of fixed length, so that each
//! proof has exactly one encoding.

use sha2::compress256;

use crate::hex::{decode_hex, push_hex};

/// Length of a challenge.
pub const CHALLENGE_BYTES: usize = 104;
/// Offset of the bits per puzzle, one byte.
pub const BITS_OFFSET: usize = 2;
/// Offset of the number of puzzles, one byte.
pub const COUNT_OFFSET: usize = 3;
/// Offset of the MAC, which ends the challenge.
pub const MAC_OFFSET: usize = CHALLENGE_BYTES - MAC_BYTES;

const MAC_BYTES: usize = 32;
/// Hexadecimal digits of one solution.
const SOLUTION_DIGITS: usize = 8;
/// Length of the hashed message: MAC, puzzle number, candidate.
const MESSAGE_BITS: u16 = 8 * (MAC_BYTES as u16 + 4 + 4);
/// The initial hash value of SHA-256 (FIPS 180-4, section 5.3.3).
const SHA256_INITIAL_STATE: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// The puzzles of a challenge.
struct PuzzleSet {
    /// One padded block of SHA-256. It starts with the MAC; puzzle number and candidate are filled in for each hash.
    block: [u8; 64],
    bits: u8,
    count: u8,
}

impl PuzzleSet {
    fn from_challenge(challenge: &[u8; CHALLENGE_BYTES]) -> Self {
        let mut block = [0; 64];
        block[..MAC_BYTES].copy_from_slice(&challenge[MAC_OFFSET..]);
        // The message is short enough to fit into one block together with its padding (FIPS 180-4, section 5.1.1).
        block[usize::from(MESSAGE_BITS / 8)] = 0x80;
        block[62..].copy_from_slice(&MESSAGE_BITS.to_be_bytes());
        Self { block, bits: challenge[BITS_OFFSET], count: challenge[COUNT_OFFSET] }
    }

    fn is_solution(&mut self, puzzle: u8, candidate: u32) -> bool {
        self.block[MAC_BYTES..MAC_BYTES + 4].copy_from_slice(&u32::from(puzzle).to_be_bytes());
        self.block[MAC_BYTES + 4..MAC_BYTES + 8].copy_from_slice(&candidate.to_be_bytes());
        let mut state = SHA256_INITIAL_STATE;
        compress256(&mut state, &[self.block.into()]);
        state[0].leading_zeros() >= u32::from(self.bits)
    }
}

/// A proof as sent by a client. `guard` verifies that its challenge was issued by this Worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The challenge.
    pub challenge: [u8; CHALLENGE_BYTES],
    solutions: Vec<u32>,
}

impl Proof {
    /// Parses a proof: a challenge and one solution for each of its puzzles.
    pub fn parse(text: &str) -> Option<Self> {
        let (challenge, solutions) = text.split_at_checked(2 * CHALLENGE_BYTES)?;
        let mut proof = Self { challenge: [0; CHALLENGE_BYTES], solutions: Vec::new() };
        decode_hex(challenge, &mut proof.challenge)?;
        if solutions.len() != SOLUTION_DIGITS * usize::from(proof.challenge[COUNT_OFFSET]) {
            return None;
        }
        for digits in solutions.as_bytes().chunks(SOLUTION_DIGITS) {
            let mut solution = [0; SOLUTION_DIGITS / 2];
            decode_hex(str::from_utf8(digits).ok()?, &mut solution)?;
            proof.solutions.push(u32::from_be_bytes(solution));
        }
        Some(proof)
    }

    /// Returns true if every solution solves its puzzle. Costs one hash per puzzle.
    pub fn is_solved(&self) -> bool {
        let mut puzzles = PuzzleSet::from_challenge(&self.challenge);
        (0..).zip(&self.solutions).all(|(puzzle, &solution)| puzzles.is_solution(puzzle, solution))
    }
}

/// Solves a challenge in slices, so that the caller stays responsive.
pub struct Solver {
    puzzles: PuzzleSet,
    solved_count: u8,
    candidate: u32,
    proof: String,
}

impl Solver {
    /// Starts with a challenge in hexadecimal. `None` if the text is not a challenge.
    pub fn new(challenge: &str) -> Option<Self> {
        let mut bytes = [0; CHALLENGE_BYTES];
        decode_hex(challenge, &mut bytes)?;
        Some(Self {
            puzzles: PuzzleSet::from_challenge(&bytes),
            solved_count: 0,
            candidate: 0,
            proof: challenge.to_owned(),
        })
    }

    /// Computes at most `hashes` hashes. Returns the proof once all puzzles are solved.
    pub fn solve_slice(&mut self, hashes: u32) -> Option<&str> {
        for _ in 0..hashes {
            if self.solved_count == self.puzzles.count {
                return Some(&self.proof);
            }
            if self.puzzles.is_solution(self.solved_count, self.candidate) {
                push_hex(&mut self.proof, &self.candidate.to_be_bytes());
                self.solved_count += 1;
                self.candidate = 0;
            } else {
                self.candidate = self.candidate.wrapping_add(1);
            }
        }
        None
    }
}

impl std::fmt::Debug for Solver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Solver(…)")
    }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;
    use crate::hex::encode_hex;

    fn challenge(bits: u8, count: u8) -> [u8; CHALLENGE_BYTES] {
        let mut challenge: [u8; CHALLENGE_BYTES] = std::array::from_fn(|at| at as u8);
        challenge[BITS_OFFSET] = bits;
        challenge[COUNT_OFFSET] = count;
        challenge
    }

    fn solve(challenge: &str) -> String {
        let mut solver = Solver::new(challenge).unwrap();
        loop {
            if let Some(proof) = solver.solve_slice(7) {
                return proof.to_owned();
            }
        }
    }

    #[test]
    fn a_puzzle_hash_is_plain_sha_256() {
        let challenge = challenge(5, 1);
        for candidate in [0, 1, 77, 0x0102_0304, u32::MAX] {
            let mut message = challenge[MAC_OFFSET..].to_vec();
            message.extend(3_u32.to_be_bytes());
            message.extend(candidate.to_be_bytes());
            let zeros = u64::from_be_bytes(Sha256::digest(&message)[..8].try_into().unwrap()).leading_zeros();
            for bits in 0..32 {
                let mut puzzles = PuzzleSet::from_challenge(&challenge);
                puzzles.bits = bits;
                assert_eq!(puzzles.is_solution(3, candidate), zeros >= u32::from(bits), "{candidate} at {bits}");
            }
        }
    }

    #[test]
    fn the_solver_finds_a_valid_proof() {
        for (bits, count) in [(0, 0), (0, 3), (1, 1), (4, 16), (9, 4)] {
            let challenge = challenge(bits, count);
            let text = solve(&encode_hex(&challenge));
            let proof = Proof::parse(&text).unwrap();
            assert_eq!((proof.challenge, proof.solutions.len()), (challenge, usize::from(count)));
            assert!(proof.is_solved(), "{text}");
        }
    }

    #[test]
    fn a_slice_computes_at_most_the_given_hashes() {
        let mut solver = Solver::new(&encode_hex(&challenge(32, 1))).unwrap();
        assert_eq!(solver.solve_slice(100), None);
        assert_eq!(solver.candidate, 100);
    }

    #[test]
    fn solutions_are_valid_only_for_their_own_puzzle() {
        let text = solve(&encode_hex(&challenge(8, 4)));
        let (head, solutions) = text.split_at(2 * CHALLENGE_BYTES);
        let solution = |at: usize| &solutions[SOLUTION_DIGITS * at..SOLUTION_DIGITS * (at + 1)];
        for order in [[1, 0, 2, 3], [0, 1, 3, 2], [0, 0, 2, 3], [3, 3, 3, 3]] {
            let swapped =
                [head, solution(order[0]), solution(order[1]), solution(order[2]), solution(order[3])].concat();
            assert!(!Proof::parse(&swapped).unwrap().is_solved(), "{order:?}");
        }
    }

    #[test]
    fn a_proof_has_exactly_one_encoding() {
        let text = solve(&encode_hex(&challenge(4, 4)));
        let with = |from: &str, to: &str| text.replacen(from, to, 1);
        let shorter = &text[..text.len() - 1];
        let bad = [
            String::new(),
            text[..2 * CHALLENGE_BYTES].to_owned(),
            shorter.to_owned(),
            text[..text.len() - SOLUTION_DIGITS].to_owned(),
            format!("{text}0"),
            format!("{text}00000000"),
            format!(" {text}"),
            format!("{shorter} "),
            format!("{shorter}\u{e9}"),
            text.to_uppercase(),
            with("a", "A"),
            with("0", "+"),
            with("00", "0"),
            with("0a", "é"),
        ];
        for bad in bad {
            assert_eq!(Proof::parse(&bad), None, "{bad}");
        }
        assert!(Solver::new(&text).is_none() && Solver::new("").is_none());
    }
}
