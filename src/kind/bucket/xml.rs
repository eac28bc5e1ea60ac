//! The XML in which S3 answers, element by element.

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

/// Calls `each` at the end of every element: with the names from the root down to it, and the
/// text that stands in it directly. Namespaces and attributes do not matter.
///
/// # Errors
/// It is no XML, or XML of a sort that S3 does not write.
pub(super) fn elements(xml: &str, mut each: impl FnMut(&[String], &str)) -> Result<(), String> {
    let mut reader = Reader::from_str(xml);
    let (mut path, mut texts) = (Vec::new(), Vec::new());
    loop {
        let event = reader.read_event().map_err(|error| error.to_string())?;
        match event {
            Event::Start(start) => {
                path.push(name(start.local_name().as_ref()));
                texts.push(String::new());
                if path.len() > DEPTH_MAX {
                    return Err("its elements lie in each other without end".to_owned());
                }
            }
            Event::End(_) => {
                each(&path, &texts.pop().unwrap_or_default());
                path.pop();
            }
            Event::Empty(empty) => {
                path.push(name(empty.local_name().as_ref()));
                each(&path, "");
                path.pop();
            }
            Event::Text(text) => add(&mut texts, &text.xml10_content()),
            Event::CData(text) => add(&mut texts, &text.xml10_content()),
            Event::GeneralRef(entity) => add(&mut texts, &character(&entity)?),
            Event::DocType(_) => return Err("it declares a document type".to_owned()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof if path.is_empty() => return Ok(()),
            Event::Eof => return Err("it is cut short".to_owned()),
        }
    }
}

/// Answers of S3 are five elements deep.
const DEPTH_MAX: usize = 32;

fn name(local: &str) -> String {
    local.to_owned()
}

fn add(texts: &mut [String], text: &str) {
    if let Some(last) = texts.last_mut() {
        last.push_str(text);
    }
}

/// What an entity stands for: one of the five that XML knows, or a character's number.
fn character(entity: &BytesRef<'_>) -> Result<String, String> {
    let number = entity.resolve_char_ref();
    if let Some(character) = number.map_err(|error| error.to_string())? {
        return Ok(character.to_string());
    }
    let name = entity.xml10_content();
    quick_xml::escape::resolve_predefined_entity(&name)
        .map(str::to_owned)
        .ok_or_else(|| format!("it holds the unknown entity `{name}`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(xml: &str) -> Result<Vec<String>, String> {
        let mut read = Vec::new();
        elements(xml, |path, text| {
            read.push(format!("{}={text}", path.join("/")));
        })?;
        Ok(read)
    }

    #[test]
    fn every_element_comes_with_its_path_and_text() {
        let xml = "<?xml version=\"1.0\"?><!-- x --><s3:a xmlns:s3=\"u\"><b>1 &amp; &quot;2&quot; </b><c/><d k=\"v\"><e>&#x41;&#10;<![CDATA[<&]]></e></d></s3:a>";
        let expected = ["a/b=1 & \"2\" ", "a/c=", "a/d/e=A\n<&", "a/d=", "a="];
        assert_eq!(read(xml).unwrap(), expected);
    }

    #[test]
    fn what_is_no_xml_of_s3_is_refused() {
        for xml in [
            "<a><b></a>",
            "<a>",
            "<a>&nope;</a>",
            "<!DOCTYPE html><html></html>",
            &"<a>".repeat(40),
        ] {
            assert!(read(xml).is_err(), "{xml}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(xml in "[<>/a&;#x1!\\[\\]?\"= -]{0,60}") {
            let _read = read(&xml);
        }
    }
}
