// Ed25519 keys (RFC 8032).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "phyllo/core/bytes.hpp"
#include "phyllo/core/result.hpp"

struct evp_pkey_st;

namespace phyllo::identity {

// What signs, where it is not an Ed25519 key of ours.
class signing_key {
 public:
  virtual ~signing_key() = default;
  [[nodiscard]] virtual core::bytes sign(core::byte_view data) const = 0;  // 64 bytes
};

// A private key; copies share it. It is never printed or logged.
class private_key {
 public:
  [[nodiscard]] static private_key generate();
  [[nodiscard]] static core::result<private_key> from_pem(std::string_view pem);  // PKCS#8; malformed_key
  [[nodiscard]] std::string pem() const;
  [[nodiscard]] core::bytes sign(core::byte_view data) const;                // 64 bytes
  [[nodiscard]] evp_pkey_st* native() const noexcept { return key_.get(); }  // lives as long as a copy of this
  // Takes ownership of a reference.
  explicit private_key(evp_pkey_st* key);
  // Has no PEM and no native form.
  explicit private_key(std::shared_ptr<const signing_key> key) : other_(std::move(key)) {}

 private:
  std::shared_ptr<evp_pkey_st> key_;
  std::shared_ptr<const signing_key> other_;
};

}  // namespace phyllo::identity
