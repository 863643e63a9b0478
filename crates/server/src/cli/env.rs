//! `trent env`.

use std::io::Write as _;
use std::path::PathBuf;

use clap::Args;

use crate::cli::Options;
use crate::config;
use crate::failure::Failure;
use crate::files::{self, ClientFiles};

#[derive(Args)]
pub(super) struct Arguments {
    /// The data directory of the server [default: ./trent-data]
    #[arg(long, env = "TRENT_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// The TOML file of the server, which may name the data directory
    #[arg(long, env = "TRENT_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
}

pub(super) fn run(arguments: Arguments) -> Result<(), Failure> {
    let options = Options { data_dir: arguments.data_dir, ..Options::default() };
    let dir = config::data_dir(options.over(arguments.config.as_deref())?.data_dir);
    let found = files::read(&dir).map_err(|error| {
        Failure::configuration(format!(
            "`{}` holds no client files ({error}); `trent serve` makes them at its first start",
            dir.display()
        ))
    })?;
    // A token left over from a session would be sent along with a key it does not belong to.
    let stale_token = std::env::var_os("AWS_SESSION_TOKEN").is_some();
    std::io::stdout().write_all(render(&found, stale_token).as_bytes()).map_err(Failure::broken)
}

fn render(found: &ClientFiles, stale_token: bool) -> String {
    let mut variables = vec![
        ("AWS_ACCESS_KEY_ID".to_owned(), found.access_key_id.as_str()),
        ("AWS_SECRET_ACCESS_KEY".to_owned(), found.secret.as_str()),
        ("AWS_REGION".to_owned(), found.region.as_str()),
        ("AWS_DEFAULT_REGION".to_owned(), found.region.as_str()),
    ];
    for service in files::SERVICES {
        variables.push((format!("AWS_ENDPOINT_URL_{}", service.to_uppercase()), &found.endpoint));
    }
    if let Some(bundle) = &found.ca_bundle {
        variables.push(("AWS_CA_BUNDLE".to_owned(), bundle));
    }
    let lines = variables.into_iter().map(|(name, value)| format!("export {name}={}\n", quote(value)));
    let unset = stale_token.then_some("unset AWS_SESSION_TOKEN\n");
    lines.collect::<String>() + unset.unwrap_or_default()
}

/// A word that a POSIX shell reads back as `text`, whatever is in it.
pub(crate) fn quote(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:+=,@%".contains(&byte);
    if !text.is_empty() && text.bytes().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_shell_reads_back_what_was_quoted() {
        for text in ["", "plain/+=", "it's", "$(rm) `x` \"y\"", "a b\n\\c", "ünï", "~", "!x", "''"] {
            let output =
                Command::new("sh").arg("-c").arg(format!("printf %s {}", quote(text))).output().unwrap();
            assert_eq!(String::from_utf8(output.stdout).unwrap(), text);
        }
    }

    #[test]
    fn every_variable_is_exported() {
        let found = ClientFiles {
            access_key_id: "AKIA".to_owned(),
            secret: "s/+".to_owned().into(),
            region: "us-east-1".to_owned(),
            endpoint: "https://localhost:1".to_owned(),
            ca_bundle: Some("/a b/ca.pem".to_owned()),
        };
        let text = render(&found, true);
        for line in [
            "export AWS_ACCESS_KEY_ID=AKIA",
            "export AWS_SECRET_ACCESS_KEY=s/+",
            "export AWS_REGION=us-east-1",
            "export AWS_DEFAULT_REGION=us-east-1",
            "export AWS_ENDPOINT_URL_KMS=https://localhost:1",
            "export AWS_ENDPOINT_URL_IAM=https://localhost:1",
            "export AWS_ENDPOINT_URL_STS=https://localhost:1",
            "export AWS_ENDPOINT_URL_ORGANIZATIONS=https://localhost:1",
            "export AWS_ENDPOINT_URL_CLOUDTRAIL=https://localhost:1",
            "export AWS_CA_BUNDLE='/a b/ca.pem'",
            "unset AWS_SESSION_TOKEN",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in {text}");
        }
        let plain = ClientFiles { ca_bundle: None, ..found };
        assert!(render(&plain, false).lines().all(|line| line.starts_with("export AWS_")));
        assert!(!render(&plain, false).contains("BUNDLE"));
    }
}
