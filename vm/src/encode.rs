//! `Program` to bytes and back: the file `.ordc`. One program has one encoding, and the encoding has a digest.
//! The command writes and reads it; `spec/program.md` tells it to others. What is read here still has to pass
//! [`verify`](crate::verify::verify), and nothing that was not has any meaning.
//!
//! | bytes | |
//! | --- | --- |
//! | 0..4 | [`MAGIC`] |
//! | 4..8 | [`FORMAT`], little end first |
//! | 8..16 | the length of the body in bytes, little end first |
//! | 16..48 | BLAKE3 of bytes 0..16 and the body |
//! | 48.. | the body: the program in the wire format of postcard |

mod read;

use crate::program::Program;
use crate::schema::Schema;
use serde::Deserialize;
use std::fmt;

pub const MAGIC: [u8; 4] = *b"ORDC";
/// The version of the form. It changes with every change of a structure or of an instruction's number or meaning.
pub const FORMAT: u32 = 1;
/// Bytes before the body.
pub const HEADER: usize = 48;
/// The largest file, in bytes.
pub const MAX_FILE: usize = 64 << 20;
/// How deep structures may lie in one another. Types and values of the language nest 64 levels, of two each.
pub const MAX_NESTING: u32 = 160;

/// A program as bytes, and the digest that stands in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoded {
    pub bytes: Vec<u8>,
    pub digest: Digest,
}

/// Names a program: two with one digest are the same.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl fmt::Display for Digest {
    /// `blake3:` and 64 small hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::request::digest_text(self.0))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why bytes are no program, or a program has no bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// It does not begin as a compiled policy does.
    Magic,
    /// It is of another version of the form.
    Format(u32),
    TooLarge,
    /// The body is shorter or longer than the header says.
    Length {
        said: u64,
        found: u64,
    },
    /// The bytes are not those of which the digest was made.
    Digest,
    /// The body has another form than a program's. `at` counts from the start of the file.
    Body {
        at: usize,
        why: String,
    },
    /// The same program is written otherwise.
    Form,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Malformed::Magic => write!(f, "this is no compiled policy: it does not begin with `ORDC`"),
            Malformed::Format(found) => {
                write!(
                    f,
                    "it is written in form {found} and this command reads form {FORMAT}; build it again from its sources"
                )
            }
            Malformed::TooLarge => write!(f, "a compiled policy has at most {} MiB", MAX_FILE >> 20),
            Malformed::Length { said, found } => {
                write!(f, "it is not whole: its header tells of {said} bytes and {found} follow")
            }
            Malformed::Digest => {
                write!(f, "its bytes are not those that its digest was made of; it was damaged or changed")
            }
            Malformed::Body { at, why } => write!(f, "byte {at}: {why}"),
            Malformed::Form => write!(f, "it is not in the one form of its program"),
        }
    }
}

impl std::error::Error for Malformed {}

/// The one encoding of a program. Fails where it is too large, or lies deeper in itself than can be read again.
pub fn encode(program: &Program) -> Result<Encoded, Malformed> {
    let encoded = sealed(&body(program)?)?;
    // What is written can be read: nothing that a program holds is lost on the way.
    decode(&encoded.bytes)?;
    Ok(encoded)
}

/// The program of the bytes, and its digest. Takes memory in proportion to their number, whatever they say.
pub fn decode(bytes: &[u8]) -> Result<(Program, Digest), Malformed> {
    let (digest, body_bytes) = opened(bytes)?;
    let mut reader = read::Reader::new(body_bytes);
    let read = Program::deserialize(&mut reader).and_then(|program| reader.end().map(|()| program));
    let program = read.map_err(|error| Malformed::Body { at: HEADER + reader.at(), why: error.why })?;
    // Sets that are out of order, and whatever else says the same with other bytes.
    if body(&program)? != body_bytes {
        return Err(Malformed::Form);
    }
    Ok((program, digest))
}

/// The digest that the program has as a file.
pub(crate) fn digest(program: &Program) -> Digest {
    // Postcard fails where a length is not known beforehand, or where there is no room: a program is of vectors, and goes
    // into one.
    digest_of(&body(program).expect("every part of a program says how long it is"))
}

/// Names what comes from outside: what was made for one schema serves another with this digest. A program is loaded in
/// the place of another where they have the same.
pub fn digest_of_schema(schema: &Schema) -> Digest {
    let bytes = postcard::to_stdvec(schema).expect("every part of a schema says how long it is");
    Digest(*blake3::hash(&bytes).as_bytes())
}

/// Of what an entity store is made by: where two schemas agree in it, an attribute of the one says the same in the other.
/// Actions, context and data are not in it.
pub(crate) fn digest_of_things(schema: &Schema) -> Digest {
    let roles: Vec<&str> = schema.roles.iter().map(|role| &*role.name).collect();
    let things = (&schema.enums, &schema.records, &schema.entities, roles);
    Digest(*blake3::hash(&postcard::to_stdvec(&things).expect("every part of a schema says how long it is")).as_bytes())
}

/// The digest and the body of a file, whose header is true.
pub fn opened(bytes: &[u8]) -> Result<(Digest, &[u8]), Malformed> {
    if bytes.len() > MAX_FILE {
        return Err(Malformed::TooLarge);
    }
    let rest = bytes.strip_prefix(&MAGIC).ok_or(Malformed::Magic)?;
    let cut = Malformed::Length { said: HEADER as u64, found: bytes.len() as u64 };
    let (format, rest) = rest.split_first_chunk::<4>().ok_or(cut.clone())?;
    let format = u32::from_le_bytes(*format);
    if format != FORMAT {
        return Err(Malformed::Format(format));
    }
    let (length, rest) = rest.split_first_chunk::<8>().ok_or(cut.clone())?;
    let (digest, body) = rest.split_first_chunk::<32>().ok_or(cut)?;
    let (said, found) = (u64::from_le_bytes(*length), body.len() as u64);
    if said != found {
        return Err(Malformed::Length { said, found });
    }
    let digest = Digest(*digest);
    if digest != digest_of(body) {
        return Err(Malformed::Digest);
    }
    Ok((digest, body))
}

/// A body with its header in front.
pub fn sealed(body: &[u8]) -> Result<Encoded, Malformed> {
    if HEADER + body.len() > MAX_FILE {
        return Err(Malformed::TooLarge);
    }
    let digest = digest_of(body);
    let mut bytes = Vec::with_capacity(HEADER + body.len());
    bytes.extend(start(body));
    bytes.extend(digest.0);
    bytes.extend(body);
    Ok(Encoded { bytes, digest })
}

fn body(program: &Program) -> Result<Vec<u8>, Malformed> {
    postcard::to_stdvec(program).map_err(|error| Malformed::Body { at: HEADER, why: error.to_string() })
}

fn digest_of(body: &[u8]) -> Digest {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&start(body));
    hasher.update(body);
    Digest(*hasher.finalize().as_bytes())
}

/// The header before the digest.
fn start(body: &[u8]) -> [u8; 16] {
    let mut start = [0; 16];
    start[..4].copy_from_slice(&MAGIC);
    start[4..8].copy_from_slice(&FORMAT.to_le_bytes());
    start[8..].copy_from_slice(&(body.len() as u64).to_le_bytes());
    start
}
