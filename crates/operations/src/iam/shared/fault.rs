//! Refusals in the words of IAM.

use trent_engine::Fault;

use super::entity::Stored;

/// Something that was named and is not there.
pub(crate) fn no_such(message: impl Into<String>) -> Fault {
    Fault::named("NoSuchEntity", 404, message)
}

/// A user, group or role that was named and is not there.
pub(crate) fn no_such_entity<S: Stored>(name: &str) -> Fault {
    no_such(format!("The {} with name {name} cannot be found.", S::NOUN))
}

/// A managed policy that was named and is not there.
pub(crate) fn no_such_policy(arn: &str) -> Fault {
    no_such(format!("Policy {arn} was not found."))
}

/// A name that is taken.
pub(crate) fn exists<S: Stored>(name: &str) -> Fault {
    let message = match S::NOUN {
        "policy" => format!("A policy called {name} already exists. Duplicate names are not allowed."),
        noun => {
            let (first, rest) = noun.split_at(1);
            format!("{}{rest} with name {name} already exists.", first.to_uppercase())
        }
    };
    Fault::named("EntityAlreadyExists", 409, message)
}

/// Something that is there already.
pub(crate) fn exists_already(message: String) -> Fault {
    Fault::named("EntityAlreadyExists", 409, message)
}

/// Something that others still need.
pub(crate) fn conflict(message: &str) -> Fault {
    Fault::named("DeleteConflict", 409, message)
}

/// A quota that is exhausted.
pub(crate) fn quota(name: &str, limit: usize) -> Fault {
    limit_exceeded(format!("Cannot exceed quota for {name}: {limit}"))
}

/// A limit that has a text of its own.
pub(crate) fn limit_exceeded(message: impl Into<String>) -> Fault {
    Fault::named("LimitExceeded", 409, message)
}

/// An input whose members are each fine.
pub(crate) fn invalid_input(message: impl Into<String>) -> Fault {
    Fault::named("InvalidInput", 400, message)
}

/// A policy document that cannot be what it is to be.
pub(crate) fn malformed_policy(message: impl Into<String>) -> Fault {
    Fault::named("MalformedPolicyDocument", 400, message)
}

/// An inline policy that was named and is not there.
pub(crate) fn no_such_inline<S: Stored>(name: &str) -> Fault {
    no_such(format!("The {} policy with name {name} cannot be found.", S::NOUN))
}

/// An access key that was named and is not there, or is somebody else's.
pub(crate) fn no_such_access_key(id: &str) -> Fault {
    no_such(format!("The Access Key with id {id} cannot be found."))
}

/// A version of a managed policy that was named and is not there.
pub(crate) fn no_such_version(arn: &str, version: &str) -> Fault {
    no_such(format!("Policy {arn} version {version} does not exist or is not attachable."))
}
