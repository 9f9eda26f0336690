//! `Policy`: a compiled policy, verified, with what runs it and the data that it reads.

use crate::json::Json;
use crate::{Approval, Binding, Digest, Kind, NotAsked, NotStored, RequestBuilder, Store};
use ordain_stdlib::Standard;
use ordain_vm::bind::{Action, Entity, Unfit};
use ordain_vm::encode::{Malformed, decode, digest_of_schema, encode};
use ordain_vm::engine::Runnable;
use ordain_vm::interp::Interpreter;
use ordain_vm::program::Program;
use ordain_vm::request::{self as vm, Entities, InputError, is_digest, read_data};
use ordain_vm::schema::{Schema, listed};
use ordain_vm::value::{EntityRef, Instant, RoleId, Value};
use ordain_vm::verify::{Refusal, Verified, verify};
use std::fmt;
use std::sync::Arc;

/// A policy that is ready to decide. To clone it costs nothing, and threads share it.
///
/// It comes from its text ([`Policy::compile`], [`Policy::compile_text`]) or from a compiled policy ([`Policy::load`]); a
/// [`Decider`](crate::Decider) or an [`Engine`](crate::Engine) decides with it.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # #[cfg(feature = "compiler")] {
/// use ordain::Policy;
///
/// let policy = Policy::compile_text("action look\npolicy desk { version 1.2.0  rule all on look { permit } }")?;
/// let again = Policy::load(&policy.to_bytes()?)?;
/// assert_eq!(policy.digest(), again.digest());
/// assert_eq!(policy.versions()[0].to_string(), "desk 1.2.0");
/// # }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Policy {
    pub(crate) of: Arc<Of>,
}

#[derive(Clone)]
pub(crate) struct Of {
    pub program: Runnable,
    pub backend: Backend,
    /// [`digest_of_schema`]
    pub declares: Digest,
    /// A value for each data of the schema; missing where nobody supplied one.
    pub data: Vec<Value>,
    /// The package's own.
    pub entities: Option<Arc<Entities>>,
    #[cfg(feature = "compiler")]
    pub warnings: Vec<crate::Diagnostic>,
}

/// What runs a policy. Answers are the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Backend {
    /// One instruction of bytecode after the other. There is nothing to wait for at the start, and it runs everywhere.
    Interpreter,
    /// Machine code: the fastest. On x86-64 and aarch64, with the feature `jit`. Made when the policy is loaded, in some
    /// tenths of a millisecond a rule. An action with thousands of rules stays with the interpreter.
    Native,
}

/// There is no machine code of this policy here. The interpreter has the same answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoNative {
    why: String,
}

impl fmt::Display for NoNative {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no machine code: {}; use `Backend::Interpreter`, which answers the same", self.why)
    }
}

impl std::error::Error for NoNative {}

/// A policy of a package, by which a person knows what decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The name of the policy: `policy NAME { … }`.
    pub name: Arc<str>,
    /// What stands behind `version`.
    pub version: Option<Arc<str>>,
    /// BLAKE3 of its text, as `blake3:` and 64 hexadecimal digits.
    pub digest: Arc<str>,
}

impl fmt::Display for Version {
    /// Its name, and its version where it has one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        self.version.iter().try_for_each(|version| write!(f, " {version}"))
    }
}

/// Bytes are no compiled policy, or one that does not verify. Build it again from its sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    why: String,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the policy can't be loaded: {}", self.why)
    }
}

impl std::error::Error for LoadError {}

impl From<Malformed> for LoadError {
    fn from(malformed: Malformed) -> LoadError {
        LoadError { why: malformed.to_string() }
    }
}

impl From<Refusal> for LoadError {
    fn from(refusal: Refusal) -> LoadError {
        LoadError { why: refusal.to_string() }
    }
}

/// Data that a policy declares and nobody has supplied. A policy decides nothing before it has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoData {
    /// By the names of `data` declarations; at least one.
    pub names: Vec<Arc<str>>,
}

impl fmt::Display for NoData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = listed(self.names.iter().map(|name| &**name), "and");
        write!(f, "the policy declares the data {names}, and nobody supplied them; give each with `Policy::with_data`")
    }
}

impl std::error::Error for NoData {}

/// A value is not of the type that the policy declares for that data, or there is no such data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataError {
    name: String,
    /// At least one.
    errors: Vec<InputError>,
}

impl DataError {
    /// All that is wrong, each with the place in the value.
    pub fn errors(&self) -> &[InputError] {
        &self.errors
    }
}

impl fmt::Display for DataError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the data `{}` is not as declared:", self.name)?;
        self.errors.iter().try_for_each(|error| write!(f, "\n  {error}"))
    }
}

impl std::error::Error for DataError {}

impl Policy {
    /// A compiled policy, the bytes of a file `.ordc`: as `ordain build` writes it, or [`Policy::to_bytes`]. They may come
    /// from anywhere; what does not verify is refused. Data are supplied with [`Policy::with_data`].
    ///
    /// ```
    /// let error = ordain::Policy::load(b"no policy").unwrap_err();
    /// assert!(error.to_string().contains("does not begin with `ORDC`"));
    /// ```
    pub fn load(bytes: &[u8]) -> Result<Policy, LoadError> {
        let (program, _) = decode(bytes)?;
        Ok(Policy::of_verified(verify(program, &Standard)?))
    }

    pub(crate) fn of_verified(verified: Verified) -> Policy {
        let schema = &verified.program().schema;
        let (declares, data) = (digest_of_schema(schema), vec![Value::Missing; schema.data.len()]);
        let program = Runnable::from(Arc::new(verified));
        let of = Of {
            program,
            backend: Backend::Interpreter,
            declares,
            data,
            entities: None,
            #[cfg(feature = "compiler")]
            warnings: vec![],
        };
        Policy { of: Arc::new(of.fastest()) }
    }

    /// The same, run by that. Without it a policy runs as machine code where it can, and by the interpreter elsewhere.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(feature = "compiler")] {
    /// use ordain::{Backend, Policy};
    ///
    /// let policy = Policy::compile_text("action look\npolicy desk { rule all on look { permit } }")?;
    /// let policy = policy.with_backend(Backend::Interpreter)?;
    /// assert_eq!(policy.backend(), Backend::Interpreter);
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_backend(self, backend: Backend) -> Result<Policy, NoNative> {
        let mut of = Arc::unwrap_or_clone(self.of);
        if of.backend != backend {
            of = match backend {
                Backend::Interpreter => of.interpreted(),
                Backend::Native => of.native()?,
            };
        }
        Ok(Policy { of: Arc::new(of) })
    }

    /// What runs it.
    pub fn backend(&self) -> Backend {
        self.of.backend
    }

    /// The same, with that value for a `data` declaration, in the form that it has in JSON (`spec/requests.md`).
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(feature = "compiler")] {
    /// use ordain::{Decider, Policy};
    ///
    /// let text = "data barred: set<text>\naction send { to: text }\npolicy mail { rule all on send { permit }\n\
    ///             rule closed on send { deny when to in barred } }";
    /// let policy = Policy::compile_text(text)?;
    /// assert!(Decider::new(&policy).is_err(), "nobody supplied `barred`");
    /// let policy = policy.with_data("barred", vec!["mallory"])?;
    /// assert!(Decider::new(&policy).is_ok());
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn with_data(self, name: &str, value: impl Into<Json>) -> Result<Policy, DataError> {
        let (at, value) = self.data_value(name, &value.into())?;
        let mut of = Arc::unwrap_or_clone(self.of);
        if let Some(place) = of.data.get_mut(at) {
            *place = value;
        }
        Ok(Policy { of: Arc::new(of) })
    }

    /// A value as the policy declares it, and its place among the data.
    pub(crate) fn data_value(&self, name: &str, value: &Json) -> Result<(usize, Value), DataError> {
        let error = |errors| DataError { name: name.to_string(), errors };
        let schema = self.schema();
        let Some(at) = schema.data.iter().position(|data| &*data.name == name) else {
            let names = listed(schema.data.iter().map(|data| &*data.name), "and");
            let message = match schema.data.is_empty() {
                true => "The policy declares no data.".to_string(),
                false => format!("The policy declares the data {names}."),
            };
            return Err(error(vec![InputError::new("E0626", "", message)]));
        };
        read_data(schema, &schema.data[at].ty, value).map(|value| (at, value)).map_err(error)
    }

    /// Whether all data are there.
    pub(crate) fn ready(&self) -> Result<(), NoData> {
        let all = self.schema().data.iter().zip(&self.of.data);
        let names = all.filter(|(_, value)| **value == Value::Missing).map(|(data, _)| data.name.clone());
        let names: Vec<Arc<str>> = names.collect();
        if names.is_empty() { Ok(()) } else { Err(NoData { names }) }
    }

    /// As a file `.ordc`: one encoding, the same on every machine, with the sources in it. Data and entities are not. Fails
    /// where the policy is larger than such a file may be (64 MiB).
    pub fn to_bytes(&self) -> Result<Vec<u8>, Malformed> {
        encode(self.program()).map(|encoded| encoded.bytes)
    }

    /// Names it: BLAKE3 of what [`Policy::to_bytes`] holds. Policies with one digest decide alike, beside the same data.
    pub fn digest(&self) -> Digest {
        self.of.program.verified.digest()
    }

    /// The policies of the package, in the order of its sources.
    pub fn versions(&self) -> Vec<Version> {
        (0..self.program().policies.len() as u32).filter_map(|at| Version::of(self.program(), at)).collect()
    }

    /// Warnings of the compiler. A policy with errors is never made.
    #[cfg(feature = "compiler")]
    pub fn warnings(&self) -> &[crate::Diagnostic] {
        &self.of.warnings
    }

    /// Whether it asks what happened before. Without a history, whatever asks that is an error of its rule, and no permit:
    /// such a policy wants an [`Engine`](crate::Engine).
    pub fn reads_history(&self) -> bool {
        !self.program().readings.is_empty()
    }

    /// The declared form of actions, entities and data.
    pub fn schema(&self) -> &Schema {
        &self.program().schema
    }

    pub(crate) fn program(&self) -> &Program {
        self.of.program.verified.program()
    }

    /// A request whose action is known only at run time, put together piece by piece.
    pub fn request(&self, action: impl Into<String>) -> RequestBuilder<'_> {
        RequestBuilder::new(self, action)
    }

    /// Holds a struct against the action of its name, once. All that doesn't fit is told.
    pub fn bind<A: Action>(&self) -> Result<Binding<A>, Unfit> {
        Binding::new(self)
    }

    /// Holds a struct against the kind of entity of its name, once: what it makes is put into a [`Store`].
    pub fn kind<E: Entity>(&self) -> Result<Kind<E>, Unfit> {
        Kind::new(self.schema())
    }

    /// What is known of entities, changed while decisions run. It begins with what the package brings.
    pub fn store(&self) -> Result<Store, NotStored> {
        Store::new(self.schema(), self.of.entities.as_deref().cloned().unwrap_or_default())
    }

    /// Someone in a role has agreed to the request with that digest ([`Request::digest`](crate::Request::digest),
    /// [`Outcome::request_digest`](crate::Outcome::request_digest)); the host has verified it. `by`: a kind of entity, and an
    /// id. Until when it holds, and what it waives, is set in the result.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # #[cfg(feature = "compiler")] {
    /// use ordain::{Engine, Instant, Policy, Verdict};
    ///
    /// let policy = Policy::compile_text(
    ///     "entity Person\nrole treasurer by Person\naction pay { n: int }\n\
    ///      policy desk { rule large on pay { permit with approval of treasurer } }",
    /// )?;
    /// let engine = Engine::new(&policy)?;
    /// let (mut worker, pay) = (engine.worker(), policy.request("pay").arg("n", 1).time(Instant(0)).id("r-1").build()?);
    /// assert_eq!(worker.decide(&pay).verdict(), Verdict::Escalate);
    /// worker.approved(policy.approval("treasurer", ("Person", "ann"), Instant(0), pay.digest())?)?;
    /// assert_eq!(worker.decide(&pay).verdict(), Verdict::Permit);
    /// # }
    /// # Ok(())
    /// # }
    /// ```
    pub fn approval(
        &self,
        role: &str,
        by: (&str, &str),
        at: Instant,
        request_digest: &str,
    ) -> Result<Approval, NotAsked> {
        let schema = self.schema();
        let wrong = |message: String| NotAsked::Malformed(vec![InputError::new("E0622", "approved", message)]);
        let Some(place) = schema.roles.iter().position(|known| &*known.name == role) else {
            let names = listed(schema.roles.iter().map(|role| &*role.name), "and");
            let there = if names.is_empty() { "The policy has none.".into() } else { format!("There are {names}.") };
            return Err(wrong(format!("No role is called `{role}`. {there}")));
        };
        let kinds = &schema.roles[place].by;
        let kind = schema.entity(by.0).filter(|kind| kinds.is_empty() || kinds.contains(kind));
        let Some(kind) = kind.filter(|_| !by.1.is_empty()) else {
            let names = listed(kinds.iter().filter_map(|kind| Some(&*schema.entities.get(kind.index())?.name)), "or");
            let names = if names.is_empty() { "a kind of entity".into() } else { names };
            return Err(wrong(format!("`{}` can't be a {role}. Wanted: {names}, and an id.", by.0)));
        };
        if !is_digest(request_digest) {
            return Err(wrong(
                "An approval names the request by its digest: `blake3:` and 64 hexadecimal digits.".into(),
            ));
        }
        let of = vm::Approval {
            role: RoleId(place as u32),
            by: EntityRef::new(kind, by.1),
            at,
            expires: None,
            request: request_digest.into(),
            waives: None,
            entities: Arc::default(),
        };
        Ok(Approval { of, declares: self.of.declares })
    }

    /// Whether a request may tell of entities that the store lacks (`[entities] from`): unsaid, it may where there is no
    /// store.
    pub(crate) fn takes_entities(&self, store: bool) -> bool {
        self.program().made.from_request.unwrap_or(!store)
    }

    /// What is known of entities where a request is read without a [`Store`].
    pub(crate) fn own_entities(&self) -> Option<Arc<Entities>> {
        let own = self.of.entities.clone();
        // `from = "store"` without a store: nothing is known.
        if self.takes_entities(own.is_some()) { own } else { Some(own.unwrap_or_default()) }
    }
}

impl Of {
    fn interpreted(self) -> Of {
        let program = Runnable { run: Arc::new(Interpreter), ..self.program };
        Of { program, backend: Backend::Interpreter, ..self }
    }

    #[cfg(feature = "jit")]
    fn native(self) -> Result<Of, NoNative> {
        let native = ordain_jit::Native::new(&self.program.verified).map_err(|none| NoNative { why: none.0 })?;
        let program = Runnable { run: Arc::new(native), ..self.program };
        Ok(Of { program, backend: Backend::Native, ..self })
    }

    #[cfg(not(feature = "jit"))]
    fn native(self) -> Result<Of, NoNative> {
        Err(NoNative { why: "the feature `jit` is off".into() })
    }

    fn fastest(self) -> Of {
        match self.clone().native() {
            Ok(native) => native,
            Err(_) => self,
        }
    }
}

impl Version {
    /// Of the policy in that place.
    pub(crate) fn of(program: &Program, at: u32) -> Option<Version> {
        let policy = program.policies.get(at as usize)?;
        Some(Version { name: policy.name.clone(), version: policy.version.clone(), digest: policy.digest.clone() })
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let versions: Vec<String> = self.versions().iter().map(Version::to_string).collect();
        f.debug_struct("Policy")
            .field("versions", &versions)
            .field("digest", &self.digest())
            .field("backend", &self.backend())
            .finish_non_exhaustive()
    }
}
