//! From names of the model to names of Rust.

/// `AWSAccountId` → `aws_account_id`.
pub(crate) fn snake(name: &str) -> String {
    words(name).join("_")
}

/// As [`snake`], for a field; keywords are spelled raw.
pub(crate) fn field(name: &str) -> String {
    let name = snake(name);
    if name == "type" { format!("r#{name}") } else { name }
}

/// `statusType` → `StatusType`.
pub(crate) fn type_name(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(letters).collect()
}

/// `CreateKeyRequest` → `CREATE_KEY_REQUEST`.
pub(crate) fn constant(name: &str) -> String {
    snake(name).to_uppercase()
}

/// `RSAES_OAEP_SHA_1` → `RsaesOaepSha1`; `PendingDeletion` stays.
pub(crate) fn variant(value: &str) -> String {
    let shouting = !value.chars().any(|c| c.is_ascii_lowercase());
    let capital = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|c| c.to_ascii_uppercase());
        let rest = letters.map(|c| if shouting { c.to_ascii_lowercase() } else { c });
        first.into_iter().chain(rest).collect::<String>()
    };
    let name: String = value.split(|c: char| !c.is_ascii_alphanumeric()).map(capital).collect();
    // The one keyword among the values of all models.
    if name == "Self" { "Itself".to_owned() } else { name }
}

/// The first letter in lower case, as messages and the audit trail have it.
pub(crate) fn path(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|c| c.to_ascii_lowercase()).into_iter().chain(letters).collect()
}

/// A word ends before a capital that follows a small letter or digit, and before the last capital
/// of a run when a small letter follows it.
fn words(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut words = vec![String::new()];
    for (i, letter) in letters.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|i| letters.get(i));
        let after = letters.get(i + 1);
        let starts = letter.is_ascii_uppercase()
            && before.is_some_and(|b| !b.is_ascii_uppercase() || after.is_some_and(char::is_ascii_lowercase));
        if starts {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(letter.to_ascii_lowercase());
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_keep_their_words() {
        assert_eq!(snake("AWSAccountId"), "aws_account_id");
        assert_eq!(snake("CiphertextBlob"), "ciphertext_blob");
        assert_eq!(constant("GenerateDataKeyRequest"), "GENERATE_DATA_KEY_REQUEST");
        assert_eq!(variant("RSAES_OAEP_SHA_1"), "RsaesOaepSha1");
        assert_eq!(variant("AES_256"), "Aes256");
        assert_eq!(variant("PendingDeletion"), "PendingDeletion");
        assert_eq!(path("AWSAccountId"), "aWSAccountId");
        assert_eq!((type_name("statusType"), type_name("Tag")), ("StatusType".into(), "Tag".into()));
        assert_eq!((field("Type"), field("TypeId")), ("r#type".into(), "type_id".into()));
    }
}
