//! The files that AWS clients share, `DIR/credentials` and `DIR/config`, and how files are
//! replaced so that no reader and no crash ever meets half of one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use trent_domain::Region;
use zeroize::Zeroizing;

use crate::bootstrap::FirstCredential;

/// The services that clients find at Trent's endpoint.
pub(crate) const SERVICES: [&str; 5] = ["kms", "iam", "sts", "organizations", "cloudtrail"];

const CREDENTIALS: &str = "credentials";
const CONFIG: &str = "config";

/// What the two files say.
pub(crate) struct ClientFiles {
    pub(crate) access_key_id: String,
    pub(crate) secret: Zeroizing<String>,
    pub(crate) region: String,
    pub(crate) endpoint: String,
    pub(crate) ca_bundle: Option<String>,
}

/// Makes the data directory, for its owner alone.
pub(crate) fn make_dir(dir: &Path) -> io::Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

/// Reads both files.
pub(crate) fn read(dir: &Path) -> io::Result<ClientFiles> {
    let credentials = Zeroizing::new(fs::read_to_string(dir.join(CREDENTIALS))?);
    let config = fs::read_to_string(dir.join(CONFIG))?;
    let need = |text: &str, name: &'static str| {
        let missing = || io::Error::new(io::ErrorKind::InvalidData, format!("`{name}` is not set"));
        setting(text, name).map(str::to_owned).ok_or_else(missing)
    };
    Ok(ClientFiles {
        access_key_id: need(&credentials, "aws_access_key_id")?,
        secret: Zeroizing::new(need(&credentials, "aws_secret_access_key")?),
        region: need(&config, "region")?,
        endpoint: need(&config, "endpoint_url")?,
        ca_bundle: setting(&config, "ca_bundle").map(str::to_owned),
    })
}

/// The first value of a name, in whatever section: both files have one profile.
fn setting<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = text.lines().filter_map(|line| line.split_once('='));
    let (_, value) = pairs.find(|(found, _)| found.trim() == name)?;
    Some(value.trim())
}

/// Writes the access key of the root user. A file that is there already belongs to an access key
/// that this store does not have, but perhaps to another store: it is kept under another name.
pub(crate) fn write_credentials(dir: &Path, first: &FirstCredential) -> io::Result<()> {
    let path = dir.join(CREDENTIALS);
    if path.exists() {
        let kept = unused(&path);
        tracing::warn!(kept = %kept.display(), "credentials of another store were found and set aside");
        fs::rename(&path, kept)?;
    }
    let text = Zeroizing::new(format!(
        "[default]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
        first.access_key_id,
        first.secret.as_str()
    ));
    replace(&path, text.as_bytes())
}

fn unused(path: &Path) -> PathBuf {
    let candidates = (1_u32..).map(|number| path.with_extension(format!("old-{number}")));
    candidates.into_iter().find(|candidate| !candidate.exists()).unwrap_or_else(|| path.with_extension("old"))
}

/// Writes how clients reach Trent, when that is not what the file says.
pub(crate) fn write_config(
    dir: &Path,
    region: &Region,
    endpoint: &str,
    ca_bundle: Option<&Path>,
) -> io::Result<()> {
    let path = dir.join(CONFIG);
    let text = config(region, endpoint, ca_bundle);
    if fs::read_to_string(&path).is_ok_and(|found| found == text) {
        return Ok(());
    }
    replace(&path, text.as_bytes())
}

fn config(region: &Region, endpoint: &str, ca_bundle: Option<&Path>) -> String {
    let bundle = ca_bundle.map(|path| format!("ca_bundle = {}\n", path.display())).unwrap_or_default();
    let services = SERVICES.map(|service| format!("{service} =\n  endpoint_url = {endpoint}\n")).concat();
    format!(
        "# Written by trent at every start; changes made here are lost.\n\
         [default]\nregion = {region}\nservices = trent\n{bundle}\n[services trent]\n{services}"
    )
}

/// Puts `bytes` in the place of the file at `path`, readable by its owner only: at once, and
/// durable when this returns.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = path.with_file_name(name);
    // What an interrupted start left there may have another mode.
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&new)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => File::open(parent)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn first(id: &str) -> FirstCredential {
        FirstCredential { access_key_id: id.to_owned(), secret: Zeroizing::new("s/+cret".to_owned()) }
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn what_was_written_is_read() {
        let root = tempfile::tempdir().unwrap();
        let dir = &root.path().join("a/data");
        make_dir(dir).unwrap();
        assert_eq!(mode(dir), 0o700);
        write_credentials(dir, &first("AKIAX")).unwrap();
        let region = "eu-west-1".parse().unwrap();
        write_config(dir, &region, "http://127.0.0.1:4599", None).unwrap();
        let found = read(dir).unwrap();
        assert_eq!((found.access_key_id.as_str(), found.secret.as_str()), ("AKIAX", "s/+cret"));
        assert_eq!((found.region.as_str(), found.endpoint.as_str()), ("eu-west-1", "http://127.0.0.1:4599"));
        assert_eq!(found.ca_bundle, None);
        assert_eq!((mode(&dir.join("credentials")), mode(&dir.join("config"))), (0o600, 0o600));

        write_config(dir, &region, "https://localhost:1", Some(&dir.join("ca.pem"))).unwrap();
        let found = read(dir).unwrap();
        assert_eq!(found.endpoint, "https://localhost:1");
        assert_eq!(found.ca_bundle.as_deref(), dir.join("ca.pem").to_str());
    }

    #[test]
    fn credentials_are_never_lost() {
        let root = tempfile::tempdir().unwrap();
        for id in ["AKIA1", "AKIA2", "AKIA3"] {
            write_credentials(root.path(), &first(id)).unwrap();
        }
        for (file, id) in
            [("credentials", "AKIA3"), ("credentials.old-2", "AKIA2"), ("credentials.old-1", "AKIA1")]
        {
            assert!(fs::read_to_string(root.path().join(file)).unwrap().contains(id), "{file}");
        }
    }

    #[test]
    fn a_file_is_replaced_whatever_was_left_over() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("config");
        fs::write(root.path().join("config.new"), "left over").unwrap();
        replace(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(mode(&path), 0o600);
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
    }

    #[test]
    fn every_service_has_its_endpoint() {
        let text = config(&"us-east-1".parse().unwrap(), "http://h:1", None);
        assert_eq!(
            text.split_once("[default]").unwrap().1,
            "\nregion = us-east-1\nservices = trent\n\n[services trent]\n\
             kms =\n  endpoint_url = http://h:1\niam =\n  endpoint_url = http://h:1\n\
             sts =\n  endpoint_url = http://h:1\norganizations =\n  endpoint_url = http://h:1\n\
             cloudtrail =\n  endpoint_url = http://h:1\n"
        );
    }
}
