//! What is asked of an endpoint: requests that are made and signed before the clock runs.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Value, json};
use trent_sigv4::{SecretAccessKey, SignParams};

use crate::Failure;
use crate::connection::Connection;
use crate::endpoint::Endpoint;

/// Credentials and Region from the usual AWS variables.
pub(crate) struct Signer {
    access_key_id: String,
    secret: SecretAccessKey,
    token: Option<String>,
    region: String,
}

impl Signer {
    pub(crate) fn from_env() -> Result<Self, Failure> {
        let required = |name: &str| std::env::var(name).map_err(|_| format!("{name} is not set"));
        let region = required("AWS_REGION").or_else(|_| required("AWS_DEFAULT_REGION"))?;
        Ok(Self {
            access_key_id: required("AWS_ACCESS_KEY_ID")?,
            secret: SecretAccessKey::from(required("AWS_SECRET_ACCESS_KEY")?),
            token: std::env::var("AWS_SESSION_TOKEN").ok(),
            region,
        })
    }

    /// The bytes of a signed request. A signature lasts five minutes, so a request may be sent
    /// again and again for that long.
    pub(crate) fn request(
        &self,
        endpoint: &Endpoint,
        operation: &str,
        body: &Value,
    ) -> Result<Vec<u8>, Failure> {
        let body = body.to_string();
        let target = format!("TrentService.{operation}");
        let mut headers = http::HeaderMap::new();
        headers.insert("host", endpoint.authority.parse()?);
        headers.insert("content-type", "application/x-amz-json-1.1".parse()?);
        headers.insert("x-amz-target", target.parse()?);
        let params = SignParams {
            access_key_id: &self.access_key_id,
            secret: &self.secret,
            session_token: self.token.as_deref(),
            region: &self.region,
            service: "kms",
            time: Timestamp::now(),
        };
        trent_sigv4::sign(&params, "POST", "/", "", &mut headers, body.as_bytes())?;
        let mut bytes = b"POST / HTTP/1.1\r\n".to_vec();
        for (name, value) in &headers {
            bytes.extend_from_slice(name.as_str().as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value.as_bytes());
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(format!("content-length: {}\r\n\r\n{body}", body.len()).as_bytes());
        Ok(bytes)
    }

    /// Sends one request and reads its JSON answer.
    pub(crate) async fn call(
        &self,
        connection: &mut Connection,
        endpoint: &Endpoint,
        operation: &str,
        body: &Value,
    ) -> Result<Value, Failure> {
        let answer = connection.exchange(&self.request(endpoint, operation, body)?).await?;
        if answer.status != 200 {
            let text = String::from_utf8_lossy(&answer.body);
            return Err(format!("{operation} answered {}: {text}", answer.status).into());
        }
        Ok(if answer.body.is_empty() { Value::Null } else { serde_json::from_slice(&answer.body)? })
    }
}

/// A request of `operation`, with whatever must exist for it made first.
pub(crate) async fn request(
    signer: &Signer,
    endpoint: &Endpoint,
    operation: &str,
    size: usize,
) -> Result<Vec<u8>, Failure> {
    let mut connection = Connection::open(endpoint).await?;
    let body = match operation {
        "GenerateRandom" => json!({ "NumberOfBytes": size.clamp(1, 1024) }),
        "ListKeys" => json!({}),
        _ => {
            let created = signer.call(&mut connection, endpoint, "CreateKey", &json!({})).await?;
            let key = created.pointer("/KeyMetadata/KeyId").cloned().ok_or("CreateKey answered no key id")?;
            on_key(signer, &mut connection, endpoint, operation, key, size).await?
        }
    };
    signer.request(endpoint, operation, &body)
}

async fn on_key(
    signer: &Signer,
    connection: &mut Connection,
    endpoint: &Endpoint,
    operation: &str,
    key: Value,
    size: usize,
) -> Result<Value, Failure> {
    let encrypt = json!({ "KeyId": key, "Plaintext": STANDARD.encode(vec![7; size.clamp(1, 4096)]) });
    Ok(match operation {
        "Encrypt" => encrypt,
        "Decrypt" => {
            let made = signer.call(connection, endpoint, "Encrypt", &encrypt).await?;
            json!({ "CiphertextBlob": made.get("CiphertextBlob") })
        }
        "GenerateDataKey" | "GenerateDataKeyWithoutPlaintext" => {
            json!({ "KeyId": key, "KeySpec": "AES_256" })
        }
        "DescribeKey" => json!({ "KeyId": key }),
        other => return Err(format!("no load is known for `{other}`").into()),
    })
}
