//! Verification of RSA signatures by the platform's Web Crypto, which is native code and costs the Worker no bytes.

use js_sys::{Array, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::wasm_bindgen_futures::JsFuture;

/// RSASSA-PKCS1-v1_5, which JSON Web Tokens call `RS256` together with SHA-256 (RFC 7518, section 3.3).
const ALGORITHM: &str = "RSASSA-PKCS1-v1_5";

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["crypto", "subtle"], js_name = importKey)]
    fn import_key(
        format: &str,
        key: &Object,
        algorithm: &Object,
        extractable: bool,
        usages: &Array,
    ) -> Result<Promise, JsValue>;

    #[wasm_bindgen(catch, js_namespace = ["crypto", "subtle"], js_name = verify)]
    fn verify_signature(
        algorithm: &str,
        key: &JsValue,
        signature: &Uint8Array,
        data: &Uint8Array,
    ) -> Result<Promise, JsValue>;
}

/// A public key, in base64url as a JSON Web Key has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RsaKey<'a> {
    pub(crate) modulus: &'a str,
    pub(crate) exponent: &'a str,
}

/// Returns true if `signature` is an RS256 signature of `data` with this key. An error means that the key cannot be used.
pub(crate) async fn verify_rs256(key: RsaKey<'_>, data: &[u8], signature: &[u8]) -> worker::Result<bool> {
    let jwk = object(&[("kty", "RSA"), ("alg", "RS256"), ("n", key.modulus), ("e", key.exponent)])?;
    let algorithm = object(&[("name", ALGORITHM), ("hash", "SHA-256")])?;
    let usages = Array::of1(&"verify".into());
    let key = JsFuture::from(import_key("jwk", &jwk, &algorithm, false, &usages)?).await?;
    let verified = verify_signature(ALGORITHM, &key, &signature.into(), &data.into())?;
    Ok(JsFuture::from(verified).await?.is_truthy())
}

fn object(fields: &[(&str, &str)]) -> Result<Object, JsValue> {
    let object = Object::new();
    for (name, value) in fields {
        Reflect::set(&object, &(*name).into(), &(*value).into())?;
    }
    Ok(object)
}
