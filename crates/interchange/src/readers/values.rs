//! Records in JSON at known places.

use super::output::Output;
use crate::containers::encodings::utf8_reader;
use crate::containers::json::{self, Outline, Place, Shape, Step, Visitor};
use crate::containers::members;
use crate::fields::Fields;
use crate::input::Input;
use crate::problem::{Position, ProblemKind, ReadError};
use serde_json::Value;

/// Receiver of records: their path and fields.
pub(super) type EachRecord<'e, 'o> =
    dyn FnMut(&mut Output<'o>, &str, Fields<'_>, Position) -> Result<(), ReadError> + 'e;

/// Places where formats of one list have it.
pub(super) const LISTS: [&str; 9] =
    ["[]", "", "results[]", "data[]", "comments[]", "data.results[]", "data.data[]", "data.comments[]", "[].results[]"];

/// Reads objects from all inputs. `choose` says where they are.
pub(super) fn read_values<'o>(
    inputs: &mut [Input<'_>],
    output: &mut Output<'o>,
    choose: &dyn Fn(&Place<'_>, &Outline) -> Step,
    each: &mut EachRecord<'_, 'o>,
) -> Result<(), ReadError> {
    members::for_each(inputs, &mut |member| {
        member.name.clone_into(&mut output.file);
        let (name, head) = (member.name, member.head);
        let outline = Outline::read(&mut utf8_reader(head, head), u64::MAX);
        let mut values = Values { outline, output, choose, each };
        json::walk(&mut utf8_reader(head, member), name, &mut values)
    })
}

/// Reads the objects of a list at one of the [`LISTS`], whose objects have these members.
pub(super) fn read_list<'o>(
    inputs: &mut [Input<'_>],
    output: &mut Output<'o>,
    members: &[&[&str]],
    each: &mut EachRecord<'_, 'o>,
) -> Result<(), ReadError> {
    let choose = |place: &Place<'_>, outline: &Outline| {
        let is_list = LISTS.contains(&place.path) && members.iter().any(|members| outline.has_all(place.path, members));
        match place.shape {
            Shape::Object if is_list => Step::Take,
            _ => enter_above(place.path, &LISTS),
        }
    };
    read_values(inputs, output, &choose, each)
}

/// Enters what leads to one of the paths, and skips all else.
pub(super) fn enter_above(path: &str, paths: &[&str]) -> Step {
    let leads =
        |target: &&&str| target.strip_prefix(path).is_some_and(|rest| path.is_empty() || rest.starts_with(['.', '[']));
    if paths.iter().any(|target| leads(&target)) { Step::Enter } else { Step::Skip }
}

struct Values<'v, 'o, 'e> {
    outline: Outline,
    output: &'v mut Output<'o>,
    choose: &'v dyn Fn(&Place<'_>, &Outline) -> Step,
    each: &'v mut EachRecord<'e, 'o>,
}

impl Visitor for Values<'_, '_, '_> {
    fn choose(&mut self, place: &Place<'_>) -> Step {
        (self.choose)(place, &self.outline)
    }

    fn value(&mut self, path: &str, position: Position, value: Value) -> Result<(), ReadError> {
        match value {
            Value::Object(row) => (self.each)(self.output, path, Fields(&row), position),
            // A number or text that is taken stands for itself.
            other => (self.each)(
                self.output,
                path,
                Fields(&std::iter::once(("value".to_owned(), other)).collect()),
                position,
            ),
        }
    }

    fn fault(&mut self, _: &str, position: Position, kind: ProblemKind) -> Result<(), ReadError> {
        self.output.problem(position, kind);
        Ok(())
    }
}
