//! What is written once for users, groups and roles, asked about roles: their sessions notice.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use jiff::SignedDuration;
use trent_domain::{AccountId, Principal, PrincipalKind, Role};
use trent_engine::{Clock as _, Session};
use trent_testkit::{ACCOUNT, Credentials, Trent};

const ADMINISTRATOR: &str = "arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FAdministratorAccess";
const POWER_USER: &str = "arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FAWSKeyManagementServicePowerUser";
const ALL: &str = "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22*%22%2C%22Resource%22%3A%22*%22%7D%7D";

fn account() -> AccountId {
    ACCOUNT.parse().unwrap()
}

/// Status and body of the answer to a form.
async fn ask(trent: &Trent, who: &Credentials, form: &str) -> (u16, String) {
    let request = trent.form(who, "iam", &format!("Version=2010-05-08&Action={form}")).unwrap();
    let response = trent.handle(request).await;
    (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap())
}

async fn done(trent: &Trent, form: &str) -> String {
    let (status, body) = ask(trent, &Credentials::root(), form).await;
    assert_eq!(status, 200, "{form}: {body}");
    body
}

fn session(trent: &Trent, role: &Role) -> Credentials {
    let kind = PrincipalKind::Session {
        role_id: role.id,
        role_name: role.name.clone(),
        role_path: role.path.clone(),
        session_name: "s".to_owned(),
    };
    let now = trent.clock.now();
    let session = Session::new(
        Principal { account: account(), kind },
        now,
        now.checked_add(SignedDuration::from_hours(1)).unwrap(),
    );
    trent.session(&session).unwrap()
}

#[tokio::test]
async fn a_role_gets_and_loses_policies() {
    let trent = Trent::start().await.unwrap();
    let role = trent.role(account(), "r", |_| {}).await.unwrap();
    let mine = session(&trent, &role);
    let may = async |form: &str| ask(&trent, &mine, form).await.0 == 200;

    assert!(!may("ListUsers").await);
    done(&trent, &format!("PutRolePolicy&RoleName=r&PolicyName=p&PolicyDocument={ALL}")).await;
    assert!(may("ListUsers").await);
    let body = done(&trent, "GetRolePolicy&RoleName=R&PolicyName=p").await;
    assert!(body.contains("<RoleName>r</RoleName>"), "{body}");
    done(&trent, "DeleteRolePolicy&RoleName=r&PolicyName=p").await;
    assert!(!may("ListUsers").await);

    done(&trent, &format!("AttachRolePolicy&RoleName=r&PolicyArn={ADMINISTRATOR}")).await;
    assert!(may("ListUsers").await && may("ListPolicies").await);
    done(&trent, &format!("PutRolePermissionsBoundary&RoleName=r&PermissionsBoundary={POWER_USER}")).await;
    assert!(may("ListUsers").await && !may("ListPolicies").await);
    let body = done(&trent, &format!("ListEntitiesForPolicy&PolicyArn={POWER_USER}")).await;
    assert!(body.contains(&format!("<RoleId>{}</RoleId>", role.id)), "{body}");
    done(&trent, "DeleteRolePermissionsBoundary&RoleName=r").await;
    assert!(may("ListPolicies").await);
    let body = done(&trent, "ListAttachedRolePolicies&RoleName=r").await;
    assert!(body.contains("<PolicyName>AdministratorAccess</PolicyName>"), "{body}");
    done(&trent, &format!("DetachRolePolicy&RoleName=r&PolicyArn={ADMINISTRATOR}")).await;
    assert!(!may("ListPolicies").await);
}

#[tokio::test]
async fn a_role_has_tags_and_no_instance_profiles() {
    let trent = Trent::start().await.unwrap();
    trent.role(account(), "r", |_| {}).await.unwrap();
    done(&trent, "TagRole&RoleName=r&Tags.member.1.Key=a&Tags.member.1.Value=b").await;
    let tags = done(&trent, "ListRoleTags&RoleName=r").await;
    assert!(tags.contains("<member><Key>a</Key><Value>b</Value></member>"), "{tags}");
    done(&trent, "UntagRole&RoleName=r&TagKeys.member.1=A").await;
    assert!(!done(&trent, "ListRoleTags&RoleName=r").await.contains("<Key>"));
    done(&trent, "ListInstanceProfilesForRole&RoleName=r").await;
    let (status, body) = ask(&trent, &Credentials::root(), "ListRoleTags&RoleName=none").await;
    assert_eq!(status, 404);
    assert!(body.contains("The role with name none cannot be found."), "{body}");
}

#[tokio::test]
async fn a_session_must_say_whom_it_means() {
    let trent = Trent::start().await.unwrap();
    let role = trent.role(account(), "r", |_| {}).await.unwrap();
    done(&trent, &format!("AttachRolePolicy&RoleName=r&PolicyArn={ADMINISTRATOR}")).await;
    let mine = session(&trent, &role);
    for form in ["GetUser", "CreateAccessKey", "ListAccessKeys"] {
        let (status, body) = ask(&trent, &mine, form).await;
        assert_eq!(status, 400);
        assert!(body.contains("Must specify userName when calling with non-User credentials"), "{body}");
    }
}
