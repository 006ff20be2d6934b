#include "phyllo/identity/certificate_request.hpp"

#include <openssl/err.h>
#include <openssl/nid.h>

#include "phyllo/identity/errc.hpp"
#include "phyllo/identity/names.hpp"
#include "signature_algorithm.hpp"
#include "subject_names.hpp"

namespace phyllo::identity {
namespace {

constexpr std::size_t request_bytes_max = 4096;  // ours have about 200, of RSA with 8192 bits 2,300

using extensions = bssl::UniquePtr<STACK_OF(X509_EXTENSION)>;

std::unexpected<core::error> malformed_request(std::string_view why) { return core::fail(errc::malformed_certificate, std::string(why)); }

bssl::UniquePtr<X509_REQ> parse(core::byte_view der) {
  const std::uint8_t* at = der.data();
  bssl::UniquePtr<X509_REQ> q(d2i_X509_REQ(nullptr, &at, static_cast<long>(der.size())));
  ERR_clear_error();
  if (q && at != der.data() + der.size()) q.reset();
  return q;
}

// The user of the one extension that is asked for, a subjectAltName of one rfc822Name.
core::result<std::string> requested_user(X509_REQ* q) {
  const extensions asked(X509_REQ_get_extensions(q));
  ERR_clear_error();
  if (!asked || sk_X509_EXTENSION_num(asked.get()) != 1) return malformed_request("not exactly one extension is requested");
  X509_EXTENSION* e = sk_X509_EXTENSION_value(asked.get(), 0);
  if (OBJ_obj2nid(X509_EXTENSION_get_object(e)) != NID_subject_alt_name) return malformed_request("no subjectAltName is requested");
  auto names = subject_names::decode(extension_content(e));
  if (!names || !names->uri.empty() || names->mail.empty()) return malformed_request("subjectAltName is not one rfc822Name");
  if (!valid_user(names->mail)) return malformed_request("the rfc822Name is not a user@domain");
  return std::move(names->mail);
}

}  // namespace

core::bytes make_certificate_request(const private_key& key, std::string_view user) {
  const bssl::UniquePtr<X509_REQ> q(must(X509_REQ_new()));
  must(X509_REQ_set_version(q.get(), 0));
  must(X509_REQ_set_pubkey(q.get(), key.native()));
  const subject_names names{{}, std::string(user)};
  auto san = make_extension(OBJ_nid2obj(NID_subject_alt_name), true, names.encode());
  const extensions asked(must(sk_X509_EXTENSION_new_null()));
  must(sk_X509_EXTENSION_push(asked.get(), san.get()) > 0 ? 1 : 0);
  (void)san.release();
  must(X509_REQ_add_extensions(q.get(), asked.get()));
  must(X509_REQ_sign(q.get(), key.native(), nullptr) > 0 ? 1 : 0);
  std::uint8_t* out = nullptr;
  const int size = i2d_X509_REQ(q.get(), &out);
  must(size > 0 ? 1 : 0);
  const bssl::UniquePtr<std::uint8_t> owner(out);
  return {out, out + size};
}

core::result<certificate_request> certificate_request::from_der(core::byte_view der) {
  if (der.size() > request_bytes_max) return malformed_request("longer than 4096 bytes");
  const auto q = parse(der);
  if (!q) return malformed_request("not one PKCS#10 request in DER");
  const bssl::UniquePtr<EVP_PKEY> key(X509_REQ_get_pubkey(q.get()));
  if (!acceptable_key(key.get())) {
    ERR_clear_error();
    return malformed_request("the key is neither Ed25519, P-256 nor RSA of 2048 to 8192 bits");
  }
  auto user = requested_user(q.get());
  if (!user) return core::fail(user.error());
  if (X509_REQ_verify(q.get(), key.get()) != 1) {
    ERR_clear_error();
    return core::fail(errc::bad_signature, "of the certificate request");
  }
  EVP_PKEY_up_ref(key.get());
  return certificate_request(*std::move(user), std::shared_ptr<EVP_PKEY>(key.get(), EVP_PKEY_free));
}

}  // namespace phyllo::identity
