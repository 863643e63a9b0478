//! Managed policies that every account finds there: those of AWS that make sense here.

use trent_domain::UniqueId;

/// A managed policy of AWS's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AwsManaged {
    /// Its ARN.
    pub arn: &'static str,
    /// Its name.
    pub name: &'static str,
    id: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// Its text.
    pub document: &'static str,
}

impl AwsManaged {
    /// The one with this ARN.
    #[must_use]
    pub fn by_arn(arn: &str) -> Option<&'static Self> {
        AWS_MANAGED.iter().find(|policy| policy.arn == arn)
    }

    /// Its unique id; a constant that a test holds well-formed.
    #[must_use]
    pub fn id(&self) -> Option<UniqueId> {
        self.id.parse().ok()
    }
}

/// All of them, by name. The ids are of our own making; the texts say what AWS's say about the
/// services there are here.
pub const AWS_MANAGED: &[AwsManaged] = &[
    AwsManaged {
        arn: "arn:aws:iam::aws:policy/AWSKeyManagementServicePowerUser",
        name: "AWSKeyManagementServicePowerUser",
        id: "ANPATRENTKEYPOWERUSER",
        description: "Provides access to AWS Key Management Service (KMS).",
        document: r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "kms:CreateAlias",
        "kms:CreateKey",
        "kms:DeleteAlias",
        "kms:Describe*",
        "kms:GenerateRandom",
        "kms:Get*",
        "kms:List*",
        "kms:TagResource",
        "kms:UntagResource",
        "iam:ListGroups",
        "iam:ListRoles",
        "iam:ListUsers"
      ],
      "Resource": "*"
    }
  ]
}"#,
    },
    AwsManaged {
        arn: "arn:aws:iam::aws:policy/AdministratorAccess",
        name: "AdministratorAccess",
        id: "ANPATRENTADMINISTRATO",
        description: "Provides full access to all services and resources.",
        document: r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": "*",
      "Resource": "*"
    }
  ]
}"#,
    },
    AwsManaged {
        arn: "arn:aws:iam::aws:policy/IAMFullAccess",
        name: "IAMFullAccess",
        id: "ANPATRENTIAMFULLACCES",
        description: "Provides full access to IAM.",
        document: r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "iam:*",
        "organizations:DescribeAccount",
        "organizations:DescribeOrganization",
        "organizations:ListAccounts"
      ],
      "Resource": "*"
    }
  ]
}"#,
    },
    AwsManaged {
        arn: "arn:aws:iam::aws:policy/IAMReadOnlyAccess",
        name: "IAMReadOnlyAccess",
        id: "ANPATRENTIAMREADONLYA",
        description: "Provides read only access to IAM.",
        document: r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "iam:GenerateCredentialReport",
        "iam:Get*",
        "iam:List*",
        "iam:SimulateCustomPolicy",
        "iam:SimulatePrincipalPolicy"
      ],
      "Resource": "*"
    }
  ]
}"#,
    },
    AwsManaged {
        arn: "arn:aws:iam::aws:policy/ReadOnlyAccess",
        name: "ReadOnlyAccess",
        id: "ANPATRENTREADONLYACCE",
        description: "Provides read only access to all services and resources.",
        document: r#"{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Action": [
        "iam:Get*",
        "iam:List*",
        "kms:Describe*",
        "kms:Get*",
        "kms:List*",
        "organizations:Describe*",
        "organizations:List*",
        "sts:GetAccessKeyInfo",
        "sts:GetCallerIdentity"
      ],
      "Resource": "*"
    }
  ]
}"#,
    },
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use trent_policy::{Document, DocumentKind};

    use super::*;

    #[test]
    fn they_are_well_formed_and_distinct() {
        let mut ids = HashSet::new();
        for policy in AWS_MANAGED {
            assert!(ids.insert(policy.id().unwrap()), "{}", policy.name);
            assert_eq!(policy.arn, format!("arn:aws:iam::aws:policy/{}", policy.name));
            Document::parse(policy.document, DocumentKind::Identity).unwrap();
            assert_eq!(AwsManaged::by_arn(policy.arn), Some(policy));
        }
        assert!(AWS_MANAGED.is_sorted_by_key(|policy| policy.name));
    }
}
