//! A spreadsheet's CSV to the JSON that a `data` declaration wants: a set or list of one column, a map of two, records.
//! RFC 4180: commas, double quotes, a header line. Which cell is a number the declared type says, not the cell.

use ordain_vm::json::Json;
use ordain_vm::schema::Schema;
use ordain_vm::value::Type;
use std::collections::BTreeSet;

/// What is wrong is a sentence with the line.
pub fn to_json(text: &str, schema: &Schema, ty: &Type) -> Result<Json, String> {
    let rows = rows(text.strip_prefix('\u{feff}').unwrap_or(text))?;
    let Some(((_, header), rows)) = rows.split_first() else {
        return Err("the file is empty; its first line names the columns".to_string());
    };
    if let Some(twice) = header.iter().enumerate().find(|(at, name)| header[..*at].contains(name)) {
        return Err(format!("the column `{}` stands in the first line twice", twice.1));
    }
    for (line, row) in rows {
        if row.len() != header.len() {
            return Err(format!("line {line} has {} cells, and the first line names {}", row.len(), header.len()));
        }
    }
    match ty {
        Type::List(of, _) | Type::Set(of) => {
            let items = rows
                .iter()
                .map(|(line, row)| item(row, header, schema, of).map_err(|what| format!("line {line}: {what}")));
            Ok(Json::Array(items.collect::<Result<_, _>>()?))
        }
        Type::Map(_, of) => {
            let (mut members, mut known) = (vec![], BTreeSet::new());
            for (line, row) in rows {
                let Some((key, rest)) = row.split_first() else { continue };
                let value = item(rest, &header[1..], schema, of).map_err(|what| format!("line {line}: {what}"))?;
                if !known.insert(key) {
                    return Err(format!("line {line}: the key `{key}` stands in an earlier line, too"));
                }
                members.push((key.clone(), value));
            }
            Ok(Json::Object(members))
        }
        _ => Err("only a set, a list or a map can come from CSV; write this one in JSON".to_string()),
    }
}

/// One row as one value: a record by its columns' names, anything else from the one column that there is.
fn item(row: &[String], header: &[String], schema: &Schema, ty: &Type) -> Result<Json, String> {
    if let Type::Record(record) = ty.present() {
        let record = &schema.records[record.index()];
        let mut members = vec![];
        for (name, cell) in header.iter().zip(row) {
            let Some(field) = record.fields.iter().find(|field| *field.name == **name) else {
                return Err(format!("the column `{name}` is no field of `{}`", record.name));
            };
            if !(cell.is_empty() && field.ty.is_optional()) {
                members.push((name.clone(), scalar(cell, &field.ty)));
            }
        }
        return Ok(Json::Object(members));
    }
    match row {
        [cell] => Ok(scalar(cell, ty)),
        _ => Err(format!("one column is wanted here, and there are {}", row.len())),
    }
}

/// Numbers may stand in strings, so only `true` and `false` differ from their text.
fn scalar(cell: &str, ty: &Type) -> Json {
    match (ty.present(), cell) {
        (Type::Bool, "true") => Json::Bool(true),
        (Type::Bool, "false") => Json::Bool(false),
        _ => Json::String(cell.to_string()),
    }
}

/// Each row with the line it starts on.
fn rows(text: &str) -> Result<Vec<(usize, Vec<String>)>, String> {
    let (mut rows, mut row, mut cell) = (vec![], vec![], String::new());
    let (mut line, mut start) = (1, 1);
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                cell.push('"');
            }
            '"' if quoted => {
                quoted = false;
                if !matches!(chars.peek(), None | Some(',' | '\r' | '\n')) {
                    return Err(format!("line {line}: something stands behind the quote that closes a cell"));
                }
            }
            '"' if cell.is_empty() => quoted = true,
            ',' if !quoted => row.push(std::mem::take(&mut cell)),
            '\r' if !quoted && chars.peek() == Some(&'\n') => {}
            '\n' if !quoted => {
                line += 1;
                row.push(std::mem::take(&mut cell));
                let whole = std::mem::take(&mut row);
                if whole != [""] {
                    rows.push((start, whole));
                }
                start = line;
            }
            other => {
                line += usize::from(other == '\n');
                cell.push(other);
            }
        }
    }
    if quoted {
        return Err(format!("line {start}: a quoted cell is not closed"));
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell);
        rows.push((start, row));
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, ty: Type, wanted: Result<&str, &str>) {
        let found = to_json(text, &Schema::default(), &ty).map(|json| json.to_string());
        assert_eq!(found.as_deref().map_err(String::as_str), wanted);
    }

    #[test]
    fn columns_become_values() {
        check("id\nacme\n\"a \"\"b\"\", c\"\r\n", Type::set(Type::TEXT), Ok(r#"["acme","a \"b\", c"]"#));
        check(
            "currency,rate\nEUR,1.08\n\nGBP,1.27",
            Type::map(Type::Currency, Type::Decimal),
            Ok(r#"{"EUR":"1.08","GBP":"1.27"}"#),
        );
        check("ok\ntrue\n", Type::list(Type::Bool), Ok("[true]"));
    }

    #[test]
    fn what_is_wrong_names_the_line() {
        check("", Type::set(Type::TEXT), Err("the file is empty; its first line names the columns"));
        check("a\n1,2\n", Type::set(Type::TEXT), Err("line 2 has 2 cells, and the first line names 1"));
        check("a,b\n1,2\n", Type::set(Type::TEXT), Err("line 2: one column is wanted here, and there are 2"));
        check(
            "k,v\nx,1\ny,2\nx,3\n",
            Type::map(Type::TEXT, Type::Int),
            Err("line 4: the key `x` stands in an earlier line, too"),
        );
        check("a\n\"x\n", Type::set(Type::TEXT), Err("line 2: a quoted cell is not closed"));
        check("a,b,a\n1,2,3\n", Type::set(Type::TEXT), Err("the column `a` stands in the first line twice"));
        check(
            "a\n\"x\"y\n",
            Type::set(Type::TEXT),
            Err("line 2: something stands behind the quote that closes a cell"),
        );
        check("a\n1\n", Type::Int, Err("only a set, a list or a map can come from CSV; write this one in JSON"));
    }
}
