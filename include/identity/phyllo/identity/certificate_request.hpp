// PKCS#10 certificate requests (RFC 2986) as RFC 6940 s.11.3 uses them: the user asks for a name, the login server
// chooses the Node-ID.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/result.hpp"
#include "phyllo/identity/key.hpp"

namespace phyllo::identity {

// DER: an empty subject, the key, and one attribute, the extension request with a subjectAltName of one rfc822Name.
[[nodiscard]] core::bytes make_certificate_request(const private_key& key, std::string_view user);

// A request whose signature by its own key was verified.
class certificate_request {
 public:
  // malformed_certificate with the reason: no PKCS#10, other names than one rfc822Name, a key that no overlay certificate may hold;
  // bad_signature: the sender does not have the key.
  [[nodiscard]] static core::result<certificate_request> from_der(core::byte_view der);

  [[nodiscard]] const std::string& user() const noexcept { return user_; }  // a valid_user
  [[nodiscard]] evp_pkey_st* key() const noexcept { return key_.get(); }

 private:
  certificate_request(std::string user, std::shared_ptr<evp_pkey_st> key) : user_(std::move(user)), key_(std::move(key)) {}
  std::string user_;
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace phyllo::identity
